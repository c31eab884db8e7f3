/** The plugins of the labextension: the model of the store, the panel, the way into notebooks. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { NbTrailApi } from './api';
import { Looks } from './chart/looks';
import { addNotebookCommands, addPanelCommands } from './commands';
import { LiveNotebook } from './document';
import { TrailModel } from './model';
import { Navigator } from './navigation';
import { TrailPanel } from './panels/trail';
import { hearOut, RecorderLink } from './recorder';
import { CommandIDs, ITrailModel, STORE_CHANGED } from './tokens';

export { ITrailModel } from './tokens';

const DOMAIN = 'nbtrail';

const store: JupyterFrontEndPlugin<ITrailModel> = {
  id: 'nbtrail:plugin',
  description: 'Follows the nbtrail store of the Jupyter server.',
  autoStart: true,
  provides: ITrailModel,
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const { events, serverSettings } = app.serviceManager;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const model = new TrailModel(new NbTrailApi(serverSettings, trans));
    events.stream.connect((_, { schema_id }) => {
      if (schema_id === STORE_CHANGED) {
        model.invalidate();
      }
    });
    void settings?.load(store.id).then(loaded => {
      const apply = () => {
        model.pageSize = loaded.composite.runsPerPage as number;
        model.invalidate();
      };
      loaded.changed.connect(apply);
      apply();
    });
    return model;
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:panel',
  description: 'Adds the panel with experiments, runs, charts and comparison.',
  autoStart: true,
  requires: [ITrailModel],
  optional: [ITranslator, IThemeManager, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: ITrailModel,
    translator: ITranslator | null,
    themes: IThemeManager | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const themeChanged = themes?.themeChanged ?? null;
    const { commands, shell } = app;
    const widget = new TrailPanel({ model, commands, trans, looks: new Looks(), themeChanged });
    shell.add(widget, 'left', { rank: 600 });
    restorer?.add(widget, widget.id);
    addPanelCommands(app, model, trans);
    for (const command of [CommandIDs.showPanel, CommandIDs.refresh]) {
      palette?.addItem({ command, category: 'nbtrail' });
    }
  }
};

const notebooks: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:notebooks',
  description: 'Leads from a metric to the cell that logged it.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IDocumentManager, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    documents: IDocumentManager | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const navigator = new Navigator(tracker, documents, id => app.shell.activateById(id));
    addNotebookCommands(app, navigator, trans);
    palette?.addItem({ command: CommandIDs.insertSnippet, category: 'nbtrail' });
  }
};

const recorder: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:recorder',
  description: 'Tells the recorder in a kernel what its notebook is, and keeps what it says.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IConsoleTracker],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker, consoles: IConsoleTracker | null) => {
    const links = new WeakMap<object, RecorderLink>();
    const attend = async ({ content, context, sessionContext }: NotebookPanel) => {
      await context.ready;
      const link = new RecorderLink(new LiveNotebook(() => content.model));
      links.set(content, link);
      sessionContext.kernelChanged.connect((_, { newValue }) => void link.follow(newValue));
      await link.follow(sessionContext.session?.kernel ?? null);
    };
    tracker.forEach(panel => void attend(panel));
    tracker.widgetAdded.connect((_, panel) => void attend(panel));
    NotebookActions.executionScheduled.connect((_, { notebook }) => links.get(notebook)?.tell());
    consoles?.widgetAdded.connect((_, { sessionContext }) => {
      sessionContext.kernelChanged.connect((_, { newValue }) => hearOut(newValue));
    });
  }
};

export default [store, panel, notebooks, recorder];
