/** The page of a registered model, in a tab of the main area. */
import type { Widget } from '@lumino/widgets';
import React from 'react';

import { ModelsApi } from '../api/models';
import { RegistryApi } from '../api/registry';
import { PageContext } from '../common/Asked';
import { ServicesContext } from '../common/context';
import { RecordModel } from '../common/record';
import { LiveWidget } from '../common/widget';
import type { IPageHost } from '../pages/page';
import type { ITools } from '../run/context';
import { ModelView } from './ModelView';

export function createModelPage(host: IPageHost, tools: ITools): Widget {
  const { services, state } = host;
  const { client } = services;
  const name = String(state.name ?? '');
  const registry = new RegistryApi(client);
  const model = new RecordModel(() => registry.model(name));
  const apis = { client, registry, served: new ModelsApi(client) };
  host.setTitle(name);
  const onStoreChanged = () => model.invalidate();
  services.storeChanged.connect(onStoreChanged);
  const widget = new LiveWidget(
    model,
    <ServicesContext.Provider value={services}>
      <PageContext.Provider value={model}>
        <ModelView host={host} fixed={{ name, ...apis, tools, model }} />
      </PageContext.Provider>
    </ServicesContext.Provider>
  );
  widget.addClass('nbtrail-RunPage');
  widget.disposed.connect(() => void services.storeChanged.disconnect(onStoreChanged));
  return widget;
}
