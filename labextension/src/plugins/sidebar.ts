/** The panel in the left sidebar. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';

import { addPanelCommands } from '../commands';
import { addRunsCommands } from '../sidebar/commands';
import { TrailPanel } from '../sidebar/panel';
import { remember } from '../sidebar/memory';
import { searchOf, sections } from '../sidebar/sections';
import { CommandIDs, type IRun, IServices, ITrailModel } from '../tokens';

const COLOR_TAG = 'nbtrail.color';

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:panel',
  description: 'Adds the panel with experiments, runs, charts and comparison.',
  autoStart: true,
  requires: [IServices, ITrailModel],
  optional: [ILayoutRestorer, ICommandPalette, INotebookTracker, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    services: IServices,
    model: ITrailModel,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    tracker: INotebookTracker | null,
    state: IStateDB | null
  ) => {
    model.changed.connect(() => {
      const choose = ({ info, tags }: IRun) => services.looks.choose(info.run_id, tags[COLOR_TAG]);
      model.state.runs.forEach(choose);
    });
    const search = searchOf(services, model);
    const widget = new TrailPanel(services, sections(services, model, search));
    app.shell.add(widget, 'left', { rank: 600 });
    restorer?.add(widget, widget.id);
    if (state) {
      void remember(state, widget, model, search);
    }
    addPanelCommands(app, model, services.trans);
    addRunsCommands(services, model);
    for (const command of [CommandIDs.showPanel, CommandIDs.refresh, CommandIDs.compareRuns]) {
      palette?.addItem({ command, category: 'nbtrail' });
    }
    tracker?.currentChanged.connect((_, panel) => {
      const path = panel && app.serviceManager.contents.localPath(panel.context.path);
      model.showNotebook(path);
    });
  }
};
