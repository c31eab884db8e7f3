/** The page that runs a notebook with other parameters. */
import { PathExt } from '@jupyterlab/coreutils';
import type { Widget } from '@lumino/widgets';
import React from 'react';

import { JobsApi } from '../api/jobs';
import { PageContext } from '../common/Asked';
import { ServicesContext } from '../common/context';
import { LiveWidget } from '../common/widget';
import type { IPageHost, PageState } from '../pages/page';
import { LaunchContext } from './context';
import { LaunchView } from './LaunchView';
import { type IDraft, LaunchModel } from './model';
import { type Entries, MODES } from './values';

class LaunchPage extends LiveWidget {
  constructor(
    host: IPageHost,
    private readonly launched: LaunchModel,
    api: JobsApi
  ) {
    const page = {
      model: launched,
      api,
      openRun: (runId: string, tab?: string) =>
        host.open('run', { run_id: runId, ...(tab ? { tab } : {}) }),
      compare: (jobId: string) =>
        host.open('compare', { filter: `tags.\`nbtrail.job\` = '${jobId}'`, view: 'charts' })
    };
    super(
      launched,
      <ServicesContext.Provider value={host.services}>
        <LaunchContext.Provider value={page}>
          <PageContext.Provider value={launched}>
            <LaunchView />
          </PageContext.Provider>
        </LaunchContext.Provider>
      </ServicesContext.Provider>
    );
    this.addClass('nbtrail-Launch');
    this.storeChanged = host.services.storeChanged;
    this.storeChanged.connect(this.onChanged);
  }

  override dispose(): void {
    this.storeChanged.disconnect(this.onChanged);
    super.dispose();
  }

  private readonly onChanged = () => this.launched.invalidate();
  private readonly storeChanged: IPageHost['services']['storeChanged'];
}

export function create(host: IPageHost): Widget {
  const draft = draftIn(host.state);
  const api = new JobsApi(host.services.client);
  const model = new LaunchModel(api, draft, changed => host.setState({ ...changed }));
  host.setTitle(host.services.trans.__('Launch %1', PathExt.basename(draft.path)));
  return new LaunchPage(host, model, api);
}

/** What a page's state says; the values of the parameters are texts. */
function draftIn(state: PageState): IDraft {
  return {
    path: String(state.path ?? ''),
    entries: textsIn(state.entries),
    mode: MODES.find(mode => mode === state.mode) ?? MODES[0],
    options: textsIn(state.options),
    experiment: typeof state.experiment === 'string' ? state.experiment : '',
    job: typeof state.job === 'string' ? state.job : null
  };
}

function textsIn(state: PageState[string]): Entries {
  const entries = Object.entries((state ?? {}) as PageState);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
