import React from 'react';

import type { JobState } from '../api/jobs';
import { StatusLabel } from '../common/StatusLabel';
import type { RunStatus } from '../tokens';

const STATUS: Record<JobState, RunStatus> = {
  queued: 'SCHEDULED',
  running: 'RUNNING',
  finished: 'FINISHED',
  failed: 'FAILED',
  stopped: 'KILLED'
};

/** A job's state, drawn as a run's status is. */
export function StateLabel({ state }: { state: JobState }): React.JSX.Element {
  return <StatusLabel status={STATUS[state]} />;
}
