/** What the panel consists of. */
import React from 'react';

import { ModelsApi } from '../api/models';
import { NotebooksApi } from '../api/notebooks';
import { RunsApi } from '../api/runs';
import type { LiveModel } from '../common/live';
import type { ILiveState } from '../common/live';
import type { IServices, ITrailModel } from '../tokens';
import { TrailContext } from './context';
import { EndpointsModel } from './endpoints/model';
import { EndpointsView } from './endpoints/EndpointsView';
import { LaunchModel } from './launch/model';
import { LaunchView } from './launch/LaunchView';
import { ModelsModel } from './models/model';
import { ModelsView } from './models/ModelsView';
import type { ISection } from './panel';
import { RunsView } from './RunsView';
import { SearchModel } from './search';

/** Runs, models, endpoints, and what can be launched. */
export function sections(services: IServices, trail: ITrailModel): ISection[] {
  const { client, trans } = services;
  const registry = new ModelsApi(client);
  const models = following(services, new ModelsModel(registry));
  const endpoints = following(services, new EndpointsModel(registry));
  const launch = following(services, new LaunchModel(new NotebooksApi(client)));
  return [
    runsSection(services, trail),
    {
      id: 'models',
      title: trans.__('Models'),
      model: models,
      content: <ModelsView model={models} />
    },
    {
      id: 'endpoints',
      title: trans.__('Endpoints'),
      model: endpoints,
      content: <EndpointsView model={endpoints} />
    },
    {
      id: 'launch',
      title: trans.__('Launch'),
      model: launch,
      content: <LaunchView model={launch} />
    }
  ];
}

function runsSection({ client, trans }: IServices, model: ITrailModel): ISection {
  const api = new RunsApi(client);
  const completer = {
    complete: (text: string, position: number) =>
      api.complete(text, position, model.state.experimentId)
  };
  const search = new SearchModel(completer, filter => model.filterBy(filter));
  const content = (
    <TrailContext.Provider value={model}>
      <RunsView search={search} />
    </TrailContext.Provider>
  );
  return { id: 'runs', title: trans.__('Runs'), model, content };
}

/** A model that hears of each change of the store. */
function following<M extends LiveModel<ILiveState>>({ storeChanged }: IServices, model: M): M {
  storeChanged.connect(() => model.invalidate());
  return model;
}
