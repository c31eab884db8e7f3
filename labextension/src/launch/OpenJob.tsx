import React, { useEffect, useRef, useState } from 'react';

import type { IJobDetail, IJobRun } from '../api/jobs';
import { useLive, useServices } from '../common/context';
import { useLaunchPage } from './context';
import { LogModel } from './log';
import { StateLabel } from './StateLabel';

/** One job: its runs with their progress, and its log. */
export function OpenJob({ detail }: { detail: IJobDetail }): React.JSX.Element {
  const { trans } = useServices();
  const { job, runs } = detail;
  return (
    <section aria-label={trans.__('Job %1', job.job_id)} data-testid="nbtrail-open-job">
      {job.error !== null && (
        <p className="nbtrail-Launch-mistake" role="alert">
          {job.error}
        </p>
      )}
      <table className="nbtrail-Table nbtrail-Launch-jobs">
        <caption>{trans.__('Runs of job %1', job.job_id)}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Parameters')}</th>
            <th scope="col">{trans.__('State')}</th>
            <th scope="col">{trans.__('Progress')}</th>
            <th scope="col">{trans.__('Now')}</th>
            <th scope="col">{trans.__('Run')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map(run => (
            <RunRow key={run.position} run={run} isSweep={job.kind === 'sweep'} />
          ))}
        </tbody>
      </table>
      <Log jobId={job.job_id} />
    </section>
  );
}

interface IRunRowProps {
  run: IJobRun;
  isSweep: boolean;
}

function RunRow({ run, isSweep }: IRunRowProps): React.JSX.Element {
  const { trans } = useServices();
  const { openRun } = useLaunchPage();
  const { position, parameters, state, run_id, cells_done, cells_total, error } = run;
  const now = isSweep ? run.outcome : run.cell && <code>{run.cell}</code>;
  const given = Object.entries(parameters).map(([name, value]) => `${name} = ${inWords(value)}`);
  return (
    <tr data-position={position} data-state={state}>
      <th scope="row">{given.join(', ') || trans.__('defaults')}</th>
      <td>
        <StateLabel state={state} />
      </td>
      <td>
        <progress
          value={cells_done}
          max={Math.max(cells_total ?? 1, 1)}
          aria-label={trans.__('Progress of run %1', position)}
        />{' '}
        {cells_done}/{cells_total ?? '?'}
      </td>
      <td title={error ?? run.cell ?? ''}>{error ?? now}</td>
      <td>
        {run_id !== null && (
          <button
            className="nbtrail-Link"
            onClick={() => openRun(run_id, isSweep ? 'sweep' : undefined)}
          >
            {trans.__('Open')}
          </button>
        )}
      </td>
    </tr>
  );
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The end of the log; it follows as the log grows. */
function Log({ jobId }: { jobId: string }): React.JSX.Element {
  const { trans } = useServices();
  const { api, model: page } = useLaunchPage();
  const [log] = useState(() => new LogModel(api, jobId));
  const { text, error } = useLive(log);
  const node = useRef<HTMLPreElement>(null);
  useEffect(() => page.attend(log), [page, log]);
  useEffect(() => {
    node.current?.scrollTo({ top: node.current.scrollHeight });
  }, [text]);
  return (
    <pre
      ref={node}
      className="nbtrail-Launch-log"
      tabIndex={0}
      aria-label={trans.__('Log')}
      data-testid="nbtrail-log"
    >
      {error ?? (text || trans.__('The log is empty so far.'))}
    </pre>
  );
}
