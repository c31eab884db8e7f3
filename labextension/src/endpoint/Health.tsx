import React, { useCallback, useMemo } from 'react';

import type { IStats, IWorker } from '../api/endpoints';
import { Figure } from '../chart/Figure';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { formatNumber } from '../common/format';
import { Section } from '../common/Section';
import { useEndpointPage } from './context';
import { latencyFigure, requestsFigure } from './figures';

/** In milliseconds: requests change nothing in the store, so that no event tells of them. */
const EVERY = 2000;
const SECONDS = 300;

/** Each worker, and what was asked of them in the last minutes. */
export function Health(): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const workers = useCallback(() => endpoints.workers(name), [endpoints, name]);
  const stats = useCallback(() => endpoints.stats(name, SECONDS), [endpoints, name]);
  return (
    <>
      <Section title={trans.__('Workers')} testId="nbtrail-workers">
        <Asked load={workers} every={EVERY}>
          {found => <Workers workers={found} />}
        </Asked>
      </Section>
      <Section title={trans.__('The last five minutes')} testId="nbtrail-stats">
        <Asked load={stats} every={EVERY}>
          {found => <Stats stats={found} />}
        </Asked>
      </Section>
    </>
  );
}

function Stats({ stats }: { stats: IStats }): React.JSX.Element {
  const { trans } = useServices();
  const { requests, errors, refused } = stats.totals;
  const figures = useMemo(() => {
    const words = {
      requests: trans.__('requests'),
      errors: trans.__('errors'),
      refused: trans.__('refused')
    };
    return [requestsFigure(stats, words), latencyFigure(stats)];
  }, [stats, trans]);
  const last = stats.points.at(-1);
  return (
    <>
      <p data-testid="nbtrail-totals" data-requests={requests}>
        {trans.__('%1 requests, %2 errors, %3 refused.', requests, errors, refused)}{' '}
        {typeof last?.p50 === 'number' &&
          trans.__(
            'Last second: %1 requests, p50 %2 ms, p99 %3 ms.',
            last.requests,
            formatNumber(last.p50),
            formatNumber(last.p99)
          )}
      </p>
      {stats.points.length === 0 ? (
        <p className="nbtrail-Note">{trans.__('Nothing was asked of it.')}</p>
      ) : (
        <div className="nbtrail-Columns">
          {[trans.__('Requests and errors in a second'), trans.__('Latency')].map((label, i) => (
            <div key={label} className="nbtrail-Sweep-figure">
              <Figure {...figures[i]} label={label} />
            </div>
          ))}
        </div>
      )}
    </>
  );
}

function Workers({ workers }: { workers: readonly IWorker[] }): React.JSX.Element {
  const { trans } = useServices();
  if (workers.length === 0) {
    return <p className="nbtrail-Note">{trans.__('No worker runs.')}</p>;
  }
  const heads = [
    ...[trans.__('Worker'), trans.__('State'), trans.__('Revision'), trans.__('Requests')],
    ...[trans.__('Errors'), trans.__('In flight'), trans.__('Memory'), trans.__('Restarts')],
    trans.__('Why the one before ended')
  ];
  return (
    <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={trans.__('Workers')}>
      <table className="nbtrail-Facts">
        <thead>
          <tr>
            {heads.map(head => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {workers.map(one => (
            <WorkerRow key={one.id} worker={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WorkerRow({ worker }: { worker: IWorker }): React.JSX.Element {
  const { trans } = useServices();
  const { id, pid, state, revision, requests, errors, in_flight, memory, restarts } = worker;
  const states: Record<IWorker['state'], string> = {
    starting: trans.__('starting'),
    ready: trans.__('ready'),
    draining: trans.__('finishing its requests'),
    'backing-off': trans.__('waiting to be started again')
  };
  return (
    <tr data-testid="nbtrail-worker" data-state={state}>
      <th scope="row" title={trans.__('Process %1', pid)}>
        {id}
      </th>
      <td>{states[state] ?? state}</td>
      <td>{revision}</td>
      <td>{requests}</td>
      <td>{errors}</td>
      <td>{in_flight}</td>
      <td>{memory === null ? '' : trans.__('%1 MB', Math.round(memory / 1e6))}</td>
      <td>{restarts}</td>
      <td>{worker.error}</td>
    </tr>
  );
}
