import React from 'react';

import { useServices } from '../common/context';
import { CommandIDs } from '../tokens';
import { useRun, useRunPage } from './context';
import { STAR } from './keys';

/** Buttons for what can be done with the run; all of them are commands, too. */
export function Actions(): React.JSX.Element {
  const { commands, trans } = useServices();
  const { runId } = useRunPage();
  const { info, models, tags } = useRun();
  const isStarred = tags[STAR] === 'true';
  const ids: string[] = [
    CommandIDs.reproduceRun,
    CommandIDs.rerunRun,
    CommandIDs.restoreNotebook,
    ...(models.length > 0 ? [CommandIDs.registerModel] : []),
    CommandIDs.renameRun,
    CommandIDs.tagRun,
    CommandIDs.copyRunId,
    CommandIDs.copyLink,
    info.lifecycle_stage === 'deleted' ? CommandIDs.restoreRuns : CommandIDs.deleteRuns
  ];
  const args = { run_id: runId, run_ids: [runId] };
  return (
    <div className="nbtrail-Actions" role="group" aria-label={trans.__('Actions')}>
      <button
        aria-pressed={isStarred}
        onClick={() => void commands.execute(CommandIDs.starRun, args)}
      >
        {isStarred ? trans.__('★ Starred') : trans.__('☆ Star')}
      </button>
      {ids.map(id => (
        <button key={id} onClick={() => void commands.execute(id, args)}>
          {commands.label(id)}
        </button>
      ))}
    </div>
  );
}
