/** What all views share, and the list of runs that they follow. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Client } from '../api/client';
import { RunsApi } from '../api/runs';
import { Looks } from '../chart/looks';
import { TrailModel } from '../sidebar/model';
import { IServices, ITrailModel, STORE_CHANGED } from '../tokens';

const DOMAIN = 'nbtrail';

export const services: JupyterFrontEndPlugin<IServices> = {
  id: 'nbtrail:services',
  description: 'The API of the nbtrail server extension, and what its views share.',
  autoStart: true,
  provides: IServices,
  optional: [ITranslator, IThemeManager],
  activate: (
    { commands, serviceManager }: JupyterFrontEnd,
    translator: ITranslator | null,
    themes: IThemeManager | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const storeChanged = new Signal<object, void>({});
    serviceManager.events.stream.connect((_, { schema_id }) => {
      if (schema_id === STORE_CHANGED) {
        storeChanged.emit();
      }
    });
    return {
      client: new Client(serviceManager.serverSettings, trans),
      commands,
      trans,
      looks: new Looks(),
      storeChanged,
      themeChanged: themes?.themeChanged ?? null
    };
  }
};

export const store: JupyterFrontEndPlugin<ITrailModel> = {
  id: 'nbtrail:plugin',
  description: 'Follows the runs in the nbtrail store of the Jupyter server.',
  autoStart: true,
  provides: ITrailModel,
  requires: [IServices],
  optional: [ISettingRegistry],
  activate: (_: JupyterFrontEnd, services: IServices, settings: ISettingRegistry | null) => {
    const model = new TrailModel(new RunsApi(services.client));
    services.storeChanged.connect(() => model.invalidate());
    void settings?.load(store.id).then(loaded => {
      const apply = () => {
        model.pageSize = loaded.composite.runsPerPage as number;
        model.chosenColumns = loaded.composite.columns as string[];
        model.invalidate();
      };
      loaded.changed.connect(apply);
      apply();
    });
    return model;
  }
};
