/** The commands about the tracking of the notebook in front. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { notebookFilter } from '../sidebar/source';
import { CommandIDs, type IServices } from '../tokens';
import type { NotebookTracking } from './tracking';

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;
const TOAST = { autoClose: 6000 };
const TURN_ON = '%load_ext nbtrail\n%track on';
const TURN_OFF = '%track off';

export function addTrackingCommands(
  { commands }: JupyterFrontEnd,
  { trans }: IServices,
  tracker: INotebookTracker,
  modelOf: (panel: NotebookPanel) => NotebookTracking | undefined
): void {
  const current = () => {
    const panel = tracker.currentWidget;
    return panel ? modelOf(panel) : undefined;
  };
  const open = (kind: string, state: object) =>
    commands.execute(CommandIDs.openPage, { kind, state: { ...state } });
  const run = () => current()?.state.run ?? null;
  const recorder = () => current()?.notebook.recorder;
  const turn = async (isOn: boolean) => {
    const panel = tracker.currentWidget;
    if (panel && !(await turned(panel, isOn))) {
      Notification.error(
        trans.__(
          'This kernel cannot record: nbtrail is not installed for it, or it is not Python.'
        ),
        TOAST
      );
    }
  };
  const add = (id: string, label: string, isEnabled: () => boolean, execute: () => unknown) =>
    void commands.addCommand(id, { label, describedBy: NO_ARGS, isEnabled, execute });

  const { turnOn, turnOff, openCurrentRun, compareNotebook, launchNotebook } = CommandIDs;
  const isOff = () => current() !== undefined && recorder() !== 'on';
  add(turnOn, trans.__('Record this Notebook'), isOff, () => turn(true));
  add(
    turnOff,
    trans.__('Stop Recording'),
    () => recorder() === 'on',
    () => turn(false)
  );
  const hasRun = () => run() !== null;
  add(openCurrentRun, trans.__('Open the Current Run'), hasRun, () =>
    open('run', { run_id: run()?.info.run_id })
  );
  add(compareNotebook, trans.__('Compare the Runs of this Notebook'), hasRun, () => {
    const filter = notebookFilter(current()?.notebook.path ?? '') ?? '';
    return open('compare', { experiment_ids: [run()?.info.experiment_id], filter });
  });
  const isOpen = () => current() !== undefined;
  add(launchNotebook, trans.__('Run with Parameters…'), isOpen, () =>
    open('launch', { path: current()?.notebook.path })
  );
}

/**
 * Turn the recorder of a notebook's kernel on or off, which then says so itself.
 *
 * @returns whether the kernel could
 */
async function turned({ sessionContext }: NotebookPanel, isOn: boolean): Promise<boolean> {
  const kernel = sessionContext.session?.kernel;
  const code = isOn ? TURN_ON : TURN_OFF;
  const request = { code, silent: true, store_history: false, stop_on_error: true };
  const reply = await kernel?.requestExecute(request).done;
  return reply?.content.status === 'ok';
}
