/** The page that compares runs. */
import type { Widget } from '@lumino/widgets';
import React from 'react';

import { ArtifactsApi } from '../api/artifacts';
import { ChartsApi } from '../api/charts';
import { ServicesContext } from '../common/context';
import { LiveWidget } from '../common/widget';
import type { IPageHost } from '../pages/page';
import { choiceIn, said, stateOf } from './choice';
import { CompareView } from './CompareView';
import { CompareContext } from './context';
import { CompareModel } from './model';

class ComparePage extends LiveWidget {
  constructor(
    host: IPageHost,
    private readonly compared: CompareModel
  ) {
    const { client } = host.services;
    const page = {
      model: compared,
      artifacts: new ArtifactsApi(client),
      openRun: (runId: string) => host.open('run', { run_id: runId })
    };
    super(
      compared,
      <ServicesContext.Provider value={host.services}>
        <CompareContext.Provider value={page}>
          <CompareView />
        </CompareContext.Provider>
      </ServicesContext.Provider>
    );
    this.addClass('nbtrail-Compare');
    this.storeChanged = host.services.storeChanged;
    this.storeChanged.connect(this.onChanged);
  }

  override dispose(): void {
    this.storeChanged.disconnect(this.onChanged);
    super.dispose();
  }

  private readonly onChanged = () => this.compared.invalidate();
  private readonly storeChanged: IPageHost['services']['storeChanged'];
}

export function create(host: IPageHost): Widget {
  const standard = { smoothing: host.services.preferences.smoothing };
  const choice = choiceIn(host.state, standard);
  const api = new ChartsApi(host.services.client);
  const model = new CompareModel(api, choice, chosen => host.setState(stateOf(chosen, standard)));
  const { looks, trans } = host.services;
  model.changed.connect(({ state: { table } }) => {
    table?.runs.run_id.forEach((id, row) => looks.choose(id, table.runs.color[row]));
  });
  const count = choice.run_ids.length;
  host.setTitle(count > 0 ? trans.__('Compare %1 runs', count) : trans.__('Compare runs'));
  host.asked.connect((_, state) => model.choose(said(state)));
  return new ComparePage(host, model);
}
