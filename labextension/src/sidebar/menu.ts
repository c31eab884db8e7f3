/** The context menu of a run. */
import { MenuSvg } from '@jupyterlab/ui-components';

import { CommandIDs, type IRun, type IServices } from '../tokens';

/** Those of the charts, by the names that people have for them. */
const COLORS = [
  ['Blue', '#0072b2'],
  ['Vermilion', '#d55e00'],
  ['Green', '#009e73'],
  ['Pink', '#cc79a7'],
  ['Orange', '#e69f00'],
  ['Sky blue', '#56b4e9']
] as const;

/**
 * Open it.
 *
 * @param runIds what is deleted or restored: all that are ticked, if this run is one of them
 */
export function openRunMenu(
  services: IServices,
  run: IRun,
  runIds: readonly string[],
  { x, y }: { x: number; y: number }
): void {
  const menu = new MenuSvg({ commands: services.commands });
  const add = (command: string, args: object = { run_id: run.info.run_id }) =>
    void menu.addItem({ command, args: { ...args } });
  const split = () => void menu.addItem({ type: 'separator' });
  add(CommandIDs.openRun);
  if (run.info.lifecycle_stage === 'deleted') {
    add(CommandIDs.restoreRuns, { run_ids: runIds });
  } else {
    [CommandIDs.starRun, CommandIDs.renameRun, CommandIDs.tagRun].forEach(id => add(id));
    add(CommandIDs.noteRun);
    menu.addItem({ type: 'submenu', submenu: colors(services, run) });
    split();
    [CommandIDs.rerunRun, CommandIDs.reproduceRun].forEach(id => add(id));
    add(CommandIDs.restoreNotebook);
    if (run.models.length > 0) {
      add(CommandIDs.registerModel);
    }
    split();
    add(CommandIDs.copyRunId);
    add(CommandIDs.deleteRuns, { run_ids: runIds });
  }
  menu.aboutToClose.connect(() => void Promise.resolve().then(() => menu.dispose()));
  menu.open(x, y);
}

function colors({ commands, trans }: IServices, { info }: IRun): MenuSvg {
  const menu = new MenuSvg({ commands });
  menu.title.label = trans.__('Colour');
  const add = (label: string, color: string | null) => {
    const args = { run_id: info.run_id, color, label };
    menu.addItem({ command: CommandIDs.colorRun, args });
  };
  COLORS.forEach(([name, color]) => add(trans.__(name), color));
  add(trans.__('Its own'), null);
  return menu;
}
