/** What a notebook shows of its tracking: toolbar, marks, status bar, notifications, menus. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry, Notification } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';

import { addTrackingCommands } from '../notebook/commands';
import { Attendance } from '../notebook/attendance';
import { StatusItem } from '../notebook/StatusItem';
import { CommandIDs, type IRun, IRecorders, IServices } from '../tokens';
import { SETTINGS } from './services';

const CATEGORY = 'nbtrail';
const SECOND = 1000;

export const tracking: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:tracking',
  description: 'Shows in notebooks whether they are recorded, and what their cells recorded.',
  autoStart: true,
  requires: [IServices, INotebookTracker, IRecorders],
  optional: [IToolbarWidgetRegistry, IStatusBar, ILauncher, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    services: IServices,
    tracker: INotebookTracker,
    recorders: IRecorders,
    toolbars: IToolbarWidgetRegistry | null,
    statusBar: IStatusBar | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ) => {
    const { contents } = app.serviceManager;
    const attendance = new Attendance(services, recorders, contents, run => tell(services, run));
    toolbars?.addFactory<NotebookPanel>('Notebook', 'nbtrail', panel => attendance.button(panel));
    addTrackingCommands(app, services, tracker, panel => attendance.of(panel));
    if (statusBar) {
      addStatus(statusBar, services, tracker, attendance);
    }
    launcher?.add({ command: CommandIDs.showPanel, category: services.trans.__('Other') });
    const { turnOn, turnOff, openCurrentRun, compareNotebook, launchNotebook } = CommandIDs;
    for (const command of [turnOn, turnOff, openCurrentRun, compareNotebook, launchNotebook]) {
      palette?.addItem({ command, category: CATEGORY });
    }
    void settings?.load(SETTINGS).then(loaded => {
      const apply = () => {
        attendance.threshold = (loaded.composite.notifyAfter as number) * SECOND || Infinity;
      };
      loaded.changed.connect(apply);
      apply();
    });
  }
};

function addStatus(
  statusBar: IStatusBar,
  services: IServices,
  tracker: INotebookTracker,
  attendance: Attendance
): void {
  const item = new StatusItem(services);
  const follow = (panel: NotebookPanel | null) => item.follow(panel && attendance.of(panel));
  tracker.currentChanged.connect((_, panel) => follow(panel));
  statusBar.registerStatusItem('nbtrail:status', {
    item,
    align: 'left',
    rank: 90,
    isActive: () => item.isActive(),
    activeStateChanged: item.activeStateChanged
  });
}

/** Say that a run has come to its end, which took long. */
function tell({ commands, trans }: IServices, { info }: IRun): void {
  const { run_id, run_name, status } = info;
  const open = () => void commands.execute(CommandIDs.openRun, { run_id });
  const options = {
    autoClose: false as const,
    actions: [{ label: trans.__('Open'), callback: open }]
  };
  if (status === 'FINISHED') {
    Notification.success(trans.__('%1 is finished.', run_name), options);
  } else {
    Notification.warning(trans.__('%1 has failed or was stopped.', run_name), options);
  }
}
