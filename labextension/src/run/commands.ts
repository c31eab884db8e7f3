/** The commands that act on runs, wherever they are listed. What carries them out is loaded late. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs, type IServices } from '../tokens';

const RUN_ARGS = {
  args: {
    type: 'object',
    properties: { run_id: { type: 'string', description: 'The id of the run' } },
    required: ['run_id']
  }
} as const;

const RUNS_ARGS = {
  args: {
    type: 'object',
    properties: {
      run_ids: { type: 'array', items: { type: 'string' }, description: 'The ids of the runs' }
    },
    required: ['run_ids']
  }
} as const;

const loadActions = () => import('./actions');

/** What acts on one run, by the name of what carries it out. */
const OF_ONE = {
  rename: CommandIDs.renameRun,
  tag: CommandIDs.tagRun,
  star: CommandIDs.starRun,
  rerun: CommandIDs.rerunRun,
  reproduce: CommandIDs.reproduceRun,
  restoreNotebook: CommandIDs.restoreNotebook,
  registerModel: CommandIDs.registerModel,
  copyId: CommandIDs.copyRunId
} as const;

type OfOne = keyof typeof OF_ONE;

/** Add all of them. */
export function addRunCommands(services: IServices): void {
  const { commands, trans } = services;
  const labels = labelsOf(trans);
  for (const name of Object.keys(OF_ONE) as OfOne[]) {
    commands.addCommand(OF_ONE[name], {
      label: labels[name],
      describedBy: RUN_ARGS,
      execute: async ({ run_id }) => (await loadActions())[name](services, String(run_id))
    });
  }
  commands.addCommand(CommandIDs.deleteRuns, {
    label: trans.__('Delete'),
    describedBy: RUNS_ARGS,
    execute: async ({ run_ids }) => (await loadActions()).remove(services, run_ids as string[])
  });
  commands.addCommand(CommandIDs.restoreRuns, {
    label: trans.__('Take Back from the Deleted'),
    describedBy: RUNS_ARGS,
    execute: async ({ run_ids }) => (await loadActions()).restore(services, run_ids as string[])
  });
}

function labelsOf(trans: TranslationBundle): Record<OfOne, string> {
  return {
    rename: trans.__('Rename…'),
    tag: trans.__('Tags…'),
    star: trans.__('Star or Unstar'),
    rerun: trans.__('Run Again with…'),
    reproduce: trans.__('Reproduce'),
    restoreNotebook: trans.__('Restore the Notebook'),
    registerModel: trans.__('Register a Model…'),
    copyId: trans.__('Copy the Id')
  };
}
