/** The panel in the left sidebar. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';

import { addPanelCommands } from '../commands';
import { TrailPanel } from '../sidebar/panel';
import { CommandIDs, IServices, ITrailModel } from '../tokens';

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:panel',
  description: 'Adds the panel with experiments, runs, charts and comparison.',
  autoStart: true,
  requires: [IServices, ITrailModel],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    services: IServices,
    model: ITrailModel,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const widget = new TrailPanel(services, model);
    app.shell.add(widget, 'left', { rank: 600 });
    restorer?.add(widget, widget.id);
    addPanelCommands(app, model, services.trans);
    for (const command of [CommandIDs.showPanel, CommandIDs.refresh]) {
      palette?.addItem({ command, category: 'nbtrail' });
    }
  }
};
