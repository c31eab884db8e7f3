/** What the panel consists of. */
import React from 'react';

import { JobsApi } from '../api/jobs';
import { ModelsApi } from '../api/models';
import { RunsApi } from '../api/runs';
import type { LiveModel } from '../common/live';
import type { ILiveState } from '../common/live';
import type { IServices, ITrailModel } from '../tokens';
import { TrailContext } from './context';
import { EndpointsModel } from './endpoints/model';
import { EndpointsView } from './endpoints/EndpointsView';
import { NotebooksModel } from './launch/model';
import { NotebooksView } from './launch/NotebooksView';
import { ModelsModel } from './models/model';
import { ModelsView } from './models/ModelsView';
import type { ISection } from './panel';
import { RunsView } from './RunsView';
import { SearchModel } from './search';

/** Runs, models, endpoints, and what can be launched. */
export function sections(services: IServices, trail: ITrailModel, search: SearchModel): ISection[] {
  const { client, trans } = services;
  const registry = new ModelsApi(client);
  const models = following(services, new ModelsModel(registry));
  const endpoints = following(services, new EndpointsModel(registry));
  const launch = following(services, new NotebooksModel(new JobsApi(client)));
  return [
    runsSection(services, trail, search),
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
      content: <NotebooksView model={launch} />
    }
  ];
}

/** What filters the list of runs. */
export function searchOf({ client, connection }: IServices, model: ITrailModel): SearchModel {
  const api = new RunsApi(client);
  const completer = {
    complete: (text: string, position: number) =>
      api.complete(text, position, model.state.experimentId)
  };
  const search = new SearchModel(completer, filter => model.filterBy(filter));
  connection.changed.connect((_, isThere) => isThere && void search.askAgain());
  return search;
}

function runsSection({ trans }: IServices, model: ITrailModel, search: SearchModel): ISection {
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
