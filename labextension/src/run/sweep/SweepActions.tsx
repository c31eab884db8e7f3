import React, { useCallback } from 'react';

import { attempt } from '../../common/attempt';
import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { useRun, useRunPage } from '../context';
import { JOB } from '../keys';

/** Stop the sweep, or go on with one that was stopped or failed; nothing where no job runs it. */
export function SweepActions(): React.JSX.Element | null {
  const jobId = useRun().tags[JOB];
  return jobId === undefined ? null : <JobActions jobId={jobId} />;
}

function JobActions({ jobId }: { jobId: string }): React.JSX.Element {
  const { trans } = useServices();
  const { api } = useRunPage();
  const load = useCallback(() => api.jobs.job(jobId), [api, jobId]);
  return (
    <Loaded load={load} follows="store">
      {({ job: { state, stopping } }, resource) => {
        const act = async (work: () => Promise<unknown>) => {
          await attempt(work);
          resource.invalidate();
        };
        const isLive = state === 'queued' || state === 'running';
        return (
          <div className="nbtrail-Actions" data-testid="nbtrail-sweep-job" data-state={state}>
            {isLive && (
              <button disabled={stopping} onClick={() => void act(() => api.jobs.stop(jobId))}>
                {stopping ? trans.__('Stopping…') : trans.__('Stop')}
              </button>
            )}
            {(state === 'stopped' || state === 'failed') && (
              <button onClick={() => void act(() => api.jobs.retry(jobId))}>
                {trans.__('Go on')}
              </button>
            )}
            <span className="nbtrail-Faint">{trans.__('Job %1', jobId)}</span>
          </div>
        );
      }}
    </Loaded>
  );
}
