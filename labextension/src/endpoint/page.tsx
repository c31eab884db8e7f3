/** The page of an endpoint, in a tab of the main area. */
import type { Widget } from '@lumino/widgets';
import React from 'react';

import { EndpointsApi } from '../api/endpoints';
import { ModelsApi } from '../api/models';
import { PageContext } from '../common/Asked';
import { ServicesContext } from '../common/context';
import { RecordModel } from '../common/record';
import { LiveWidget } from '../common/widget';
import type { IPageHost } from '../pages/page';
import { EndpointView } from './EndpointView';

export function create(host: IPageHost): Widget {
  const { services, state } = host;
  const name = String(state.name ?? '');
  const endpoints = new EndpointsApi(services.client);
  const model = new RecordModel(() => endpoints.endpoint(name));
  const open = (kind: string, asked: Record<string, string>) => host.open(kind, asked);
  const page = { name, endpoints, served: new ModelsApi(services.client), model, open };
  host.setTitle(name);
  const onStoreChanged = () => model.invalidate();
  services.storeChanged.connect(onStoreChanged);
  const widget = new LiveWidget(
    model,
    <ServicesContext.Provider value={services}>
      <PageContext.Provider value={model}>
        <EndpointView host={host} page={page} />
      </PageContext.Provider>
    </ServicesContext.Provider>
  );
  widget.addClass('nbtrail-RunPage');
  widget.disposed.connect(() => void services.storeChanged.disconnect(onStoreChanged));
  return widget;
}
