/** What the panel shows, remembered in the workspace: it is the same after a reload. */
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ITrailModel } from '../tokens';
import type { TrailPanel } from './panel';
import type { SearchModel } from './search';

const KEY = 'nbtrail:panel';

/** What of it is remembered; an experiment only if somebody chose one. */
interface IRemembered extends ReadonlyPartialJSONObject {
  readonly experiment?: string | null;
  readonly text: string;
  readonly sections: string[];
}

/** Bring back what was shown, and remember from then on what is. */
export async function remember(
  state: IStateDB,
  panel: TrailPanel,
  model: ITrailModel,
  search: SearchModel
): Promise<void> {
  const before = await state.fetch(KEY).catch(() => undefined);
  if (isRemembered(before)) {
    restore(before, panel, model, search);
  }
  let written = JSON.stringify(before);
  const save = () => {
    const chosen = model.chosenExperiment;
    const now: IRemembered = {
      ...(chosen === undefined ? {} : { experiment: chosen }),
      text: search.state.text,
      sections: panel.openSections
    };
    if (JSON.stringify(now) !== written) {
      written = JSON.stringify(now);
      void state.save(KEY, now);
    }
  };
  model.changed.connect(save);
  search.changed.connect(save);
  panel.sectionToggled.connect(save);
}

function restore(
  { experiment, text, sections }: IRemembered,
  panel: TrailPanel,
  model: ITrailModel,
  search: SearchModel
): void {
  if (experiment !== undefined) {
    model.showExperiment(experiment);
  }
  if (text !== '') {
    void search.type(text, text.length).then(() => search.close());
  }
  panel.openSections = sections;
}

/** Another version may have written something else. */
function isRemembered(value: unknown): value is IRemembered {
  const { experiment, text, sections } = (value ?? {}) as Partial<IRemembered>;
  return (
    (experiment === undefined || experiment === null || typeof experiment === 'string') &&
    typeof text === 'string' &&
    Array.isArray(sections)
  );
}
