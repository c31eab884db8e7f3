import React from 'react';

import type { IJob } from '../api/jobs';
import { useMinutes, useServices } from '../common/context';
import { relativeTime } from '../common/format';
import { useLaunch, useLaunchPage } from './context';
import { StateLabel } from './StateLabel';

/** What was started of this notebook: the queue and what came of it. */
export function JobList(): React.JSX.Element | null {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { jobs } = useLaunch();
  useMinutes(model);
  if (jobs.length === 0) {
    return null;
  }
  return (
    <table className="nbtrail-Table nbtrail-Launch-jobs" data-testid="nbtrail-jobs">
      <caption>{trans.__('Its jobs')}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('Job')}</th>
          <th scope="col">{trans.__('State')}</th>
          <th scope="col">{trans.__('Runs')}</th>
          <th scope="col">{trans.__('Progress')}</th>
          <th scope="col">{trans.__('Asked for')}</th>
          <th scope="col">{trans.__('Actions')}</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(job => (
          <JobRow key={job.job_id} job={job} />
        ))}
      </tbody>
    </table>
  );
}

function JobRow({ job }: { job: IJob }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft } = useLaunch();
  const { job_id, name, state, counts, created } = job;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const isOpen = draft.job === job_id;
  return (
    <tr data-job={job_id} data-state={state}>
      <th scope="row">
        <button
          className="nbtrail-Link"
          aria-expanded={isOpen}
          onClick={() => model.write({ job: isOpen ? null : job_id })}
        >
          {trans.__('%1 %2', job_id, name)}
        </button>
      </th>
      <td>
        <StateLabel state={state} />
      </td>
      <td>{trans.__('%1 of %2', counts.finished, total)}</td>
      <td>
        <JobProgress job={job} />
      </td>
      <td title={new Date(created).toLocaleString()}>{relativeTime(created)}</td>
      <td>
        <JobActions job={job} />
      </td>
    </tr>
  );
}

/** How many cells are done, or trials of a sweep with the best so far. */
function JobProgress({ job }: { job: IJob }): React.JSX.Element {
  const { trans } = useServices();
  const { job_id, kind, cells_done, cells_total, outcome } = job;
  const isSweep = kind === 'sweep';
  return (
    <>
      <progress
        value={cells_done}
        max={Math.max(cells_total, 1)}
        aria-label={
          isSweep ? trans.__('Trials of job %1', job_id) : trans.__('Cells of job %1', job_id)
        }
      />{' '}
      {isSweep ? trans.__('%1/%2 trials', cells_done, cells_total) : `${cells_done}/${cells_total}`}
      {isSweep && outcome !== null && <span className="nbtrail-Hint"> {outcome}</span>}
    </>
  );
}

function JobActions({ job }: { job: IJob }): React.JSX.Element {
  const { trans } = useServices();
  const { model, compare } = useLaunchPage();
  const { isBusy } = useLaunch();
  const { job_id, kind, state, stopping } = job;
  const isSweep = kind === 'sweep';
  return (
    <>
      {!isSweep && (
        <button className="nbtrail-Link" onClick={() => compare(job_id)}>
          {trans.__('Compare')}
        </button>
      )}
      {(state === 'queued' || state === 'running') && (
        <button
          className="nbtrail-Link"
          disabled={stopping || isBusy}
          onClick={() => void model.stop(job_id)}
        >
          {stopping ? trans.__('Stopping…') : trans.__('Stop')}
        </button>
      )}
      {(state === 'failed' || state === 'stopped') && (
        <button className="nbtrail-Link" disabled={isBusy} onClick={() => void model.retry(job_id)}>
          {isSweep ? trans.__('Go on') : trans.__('Run the rest again')}
        </button>
      )}
    </>
  );
}
