import React from 'react';

import { formatDuration, fullTime, relativeTime } from '../common/format';
import { StatusLabel } from '../common/StatusLabel';
import { Swatch } from '../common/Swatch';
import { useMinutes, useServices } from '../common/context';
import { Actions } from './Actions';
import { Badge } from '../common/Badge';
import { useRun, useRunPage } from './context';
import { isGoingOn } from './model';

/** What the run is called, what became of it, and what can be done with it. */
export function Header(): React.JSX.Element {
  const { trans } = useServices();
  const { runId } = useRunPage();
  const { info, tags } = useRun();
  const { lifecycle_stage, run_name, error } = info;
  return (
    <div className="nbtrail-RunHeader" data-testid="nbtrail-run-header">
      <div className="nbtrail-RunHeader-title">
        <Swatch runId={runId} />
        <h1 title={runId}>{run_name || runId.slice(0, 8)}</h1>
        {lifecycle_stage === 'deleted' && (
          <span className="nbtrail-Badge" data-tone="warn">
            {trans.__('Deleted')}
          </span>
        )}
        <Badge kind="verdict" word={tags['nbtrail.verdict']} />
        <Badge kind="reproduction" word={tags['nbtrail.reproduction']} />
      </div>
      <Facts />
      {error !== null && <p className="nbtrail-RunHeader-error">{error}</p>}
      <Actions />
    </div>
  );
}

function Facts(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useRunPage();
  const run = useRun();
  useMinutes(model);
  const { status, start_time, end_time, user_id, notebook } = run.info;
  const started = new Date(start_time);
  return (
    <div className="nbtrail-Run-facts">
      <StatusLabel status={status} />
      <time dateTime={started.toISOString()} title={fullTime(start_time)}>
        {relativeTime(start_time)}
      </time>
      {end_time !== null && <span>{formatDuration(end_time - start_time)}</span>}
      {isGoingOn(run) && <span>{trans.__('still going on')}</span>}
      {user_id && <span>{user_id}</span>}
      {notebook && <span title={notebook}>{notebook.split('/').at(-1)}</span>}
    </div>
  );
}
