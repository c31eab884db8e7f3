/** What the list of runs adds to the commands that act on runs. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { RunApi } from '../api/run';
import { attempt } from '../common/attempt';
import { CommandIDs, type IServices, type ITrailModel } from '../tokens';
import { ask } from './dialogs';

type Args = Readonly<Record<string, unknown>>;

const NOTE_TAG = 'mlflow.note.content';
const RUN = { run_id: { type: 'string', description: 'The id of the run' } } as const;

const RUN_ARGS = { args: { type: 'object', properties: RUN, required: ['run_id'] } } as const;

const COLOR_ARGS = {
  args: {
    type: 'object',
    properties: {
      ...RUN,
      color: { type: ['string', 'null'], description: '#rrggbb; null for the run’s own' },
      label: { type: 'string', description: 'What the colour is called' }
    },
    required: ['run_id']
  }
} as const;

const IDS_ARGS = {
  args: {
    type: 'object',
    properties: {
      run_ids: {
        type: 'array',
        items: { type: 'string' },
        description: 'The ids of the runs; without them, those that are ticked'
      }
    }
  }
} as const;

export function addRunsCommands(services: IServices, model: ITrailModel): void {
  const { client, commands, trans } = services;
  const api = new RunApi(client);
  const open = (kind: string, state: object) =>
    commands.execute(CommandIDs.openPage, { kind, state: { ...state } });
  commands.addCommand(CommandIDs.openRun, {
    label: trans.__('Open'),
    describedBy: RUN_ARGS,
    execute: ({ run_id }) => open('run', { run_id })
  });
  commands.addCommand(CommandIDs.noteRun, {
    label: trans.__('Note…'),
    describedBy: RUN_ARGS,
    execute: ({ run_id }) => attempt(() => note(api, String(run_id), trans))
  });
  commands.addCommand(CommandIDs.colorRun, {
    label: ({ label }) => String(label ?? trans.__('Colour')),
    describedBy: COLOR_ARGS,
    execute: ({ run_id, color }) => {
      const change = { color: typeof color === 'string' ? color : null };
      return attempt(() => api.change(String(run_id), change));
    }
  });
  const ids = ({ run_ids }: Args) => (run_ids as string[] | undefined) ?? model.state.selected;
  commands.addCommand(CommandIDs.compareRuns, {
    label: trans.__('Compare the Ticked Runs'),
    describedBy: IDS_ARGS,
    isEnabled: args => ids(args).length > 1,
    execute: args => open('compare', { run_ids: [...ids(args)] })
  });
}

async function note(api: RunApi, runId: string, trans: TranslationBundle): Promise<void> {
  const { info, tags } = await api.run(runId);
  const label = trans.__('In Markdown');
  const field = { name: 'note', label, value: tags[NOTE_TAG] ?? '', rows: 8 };
  const title = trans.__('Note on %1', info.run_name);
  const found = await ask(title, trans.__('Save'), [field], trans);
  if (found) {
    await api.change(runId, { note: found.note });
  }
}
