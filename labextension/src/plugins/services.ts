/** What all views share, and the list of runs that they follow. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Client } from '../api/client';
import { Connection } from '../api/connection';
import { RunsApi } from '../api/runs';
import { Looks, type Palette } from '../chart/looks';
import { TrailModel } from '../sidebar/model';
import { type IPreferences, IServices, ITrailModel, STORE_CHANGED } from '../tokens';

const DOMAIN = 'nbtrail';

/** The id of the plugin whose settings are those of nbtrail. */
export const SETTINGS = 'nbtrail:plugin';

export const services: JupyterFrontEndPlugin<IServices> = {
  id: 'nbtrail:services',
  description: 'The API of the nbtrail server extension, and what its views share.',
  autoStart: true,
  provides: IServices,
  optional: [ITranslator, IThemeManager, ISettingRegistry],
  activate: (
    { commands, serviceManager }: JupyterFrontEnd,
    translator: ITranslator | null,
    themes: IThemeManager | null,
    settings: ISettingRegistry | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const storeChanged = new Signal<object, void>({});
    serviceManager.events.stream.connect((_, { schema_id }) => {
      if (schema_id === STORE_CHANGED) {
        storeChanged.emit();
      }
    });
    const client = new Client(serviceManager.serverSettings, trans);
    const connection = new Connection(() => client.answers());
    client.unanswered.connect(() => connection.lose());
    serviceManager.connectionFailure.connect(() => connection.lose());
    connection.changed.connect((_, isThere) => isThere && storeChanged.emit());
    const looks = new Looks();
    const preferences: IPreferences = { smoothing: 0 };
    void settings?.load(SETTINGS).then(loaded => {
      const apply = () => {
        preferences.smoothing = loaded.composite.smoothing as number;
        looks.palette = loaded.composite.palette as Palette;
        storeChanged.emit(); // What is drawn is drawn anew.
      };
      loaded.changed.connect(apply);
      apply();
    });
    return {
      client,
      connection,
      commands,
      trans,
      looks,
      preferences,
      storeChanged,
      themeChanged: themes?.themeChanged ?? null
    };
  }
};

export const store: JupyterFrontEndPlugin<ITrailModel> = {
  id: SETTINGS,
  description: 'Follows the runs in the nbtrail store of the Jupyter server.',
  autoStart: true,
  provides: ITrailModel,
  requires: [IServices],
  optional: [ISettingRegistry],
  activate: (_: JupyterFrontEnd, services: IServices, settings: ISettingRegistry | null) => {
    const model = new TrailModel(new RunsApi(services.client));
    services.storeChanged.connect(() => model.invalidate());
    void settings?.load(SETTINGS).then(loaded => {
      const apply = () => {
        model.pageSize = loaded.composite.runsPerPage as number;
        model.retention = loaded.composite.retention as number;
        model.chosenColumns = loaded.composite.columns as string[];
        model.invalidate();
      };
      loaded.changed.connect(apply);
      apply();
    });
    return model;
  }
};
