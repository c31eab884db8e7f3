/** The page of a run, in a tab of the main area. */
import type { Widget } from '@lumino/widgets';
import React from 'react';

import { ArtifactsApi } from '../api/artifacts';
import { ChartsApi } from '../api/charts';
import { JobsApi } from '../api/jobs';
import { RunApi } from '../api/run';
import { TrailsApi } from '../api/trails';
import { ServicesContext } from '../common/context';
import { LiveWidget } from '../common/widget';
import type { IPageHost } from '../pages/page';
import type { IRunApis, ITools } from './context';
import { RunModel, RunPageModel } from './model';
import { RunView } from './RunView';

export function createRunPage(host: IPageHost, tools: ITools): Widget {
  const { services, state } = host;
  const runId = String(state.run_id ?? '');
  const { client } = services;
  const api: IRunApis = {
    run: new RunApi(client),
    trails: new TrailsApi(client),
    artifacts: new ArtifactsApi(client),
    charts: new ChartsApi(client),
    jobs: new JobsApi(client)
  };
  const model = new RunPageModel(new RunModel(() => api.run.run(runId)));
  const onStoreChanged = () => model.invalidate();
  services.storeChanged.connect(onStoreChanged);
  const widget = new LiveWidget(
    model,
    <ServicesContext.Provider value={services}>
      <RunView host={host} runId={runId} api={api} tools={tools} model={model} />
    </ServicesContext.Provider>
  );
  widget.addClass('nbtrail-RunPage');
  widget.disposed.connect(() => void services.storeChanged.disconnect(onStoreChanged));
  return widget;
}
