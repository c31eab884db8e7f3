/** Between the panel, the notebooks, and the recorders in their kernels. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import { addNotebookCommands } from '../commands';
import { LiveNotebook } from '../notebook/document';
import { Navigator } from '../notebook/navigation';
import { hearOut, RecorderLink } from '../notebook/recorder';
import { CommandIDs, IRecorders, IServices } from '../tokens';

export const notebooks: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:notebooks',
  description: 'Leads from a metric to the cell that logged it.',
  autoStart: true,
  requires: [IServices, INotebookTracker],
  optional: [IDocumentManager, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    { trans }: IServices,
    tracker: INotebookTracker,
    documents: IDocumentManager | null,
    palette: ICommandPalette | null
  ) => {
    const navigator = new Navigator(tracker, documents, id => app.shell.activateById(id));
    addNotebookCommands(app, navigator, trans);
    palette?.addItem({ command: CommandIDs.insertSnippet, category: 'nbtrail' });
  }
};

export const recorder: JupyterFrontEndPlugin<IRecorders> = {
  id: 'nbtrail:recorder',
  description: 'Tells the recorder in a kernel what its notebook is, and keeps what it says.',
  autoStart: true,
  provides: IRecorders,
  requires: [INotebookTracker],
  optional: [IConsoleTracker],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker, consoles: IConsoleTracker | null) => {
    const links = new WeakMap<object, RecorderLink>();
    const added = new Signal<object, NotebookPanel>({});
    const attend = async (panel: NotebookPanel) => {
      const { content, context, sessionContext } = panel;
      await context.ready;
      const link = new RecorderLink(new LiveNotebook(() => content.model));
      links.set(content, link);
      added.emit(panel);
      sessionContext.kernelChanged.connect((_, { newValue }) => void link.follow(newValue));
      await link.follow(sessionContext.session?.kernel ?? null);
    };
    tracker.forEach(panel => void attend(panel));
    tracker.widgetAdded.connect((_, panel) => void attend(panel));
    NotebookActions.executionScheduled.connect((_, { notebook }) => links.get(notebook)?.tell());
    consoles?.widgetAdded.connect((_, { sessionContext }) => {
      sessionContext.kernelChanged.connect((_, { newValue }) => hearOut(newValue));
    });
    return { of: ({ content }) => links.get(content), added };
  }
};
