import React, { useCallback } from 'react';

import type { Outcome } from '../../api/trails';
import { useServices } from '../../common/context';
import { Badge } from '../../common/Badge';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { inWords } from '../text';

/** One thing that came out otherwise; null stands for what one of the two has not. */
interface IDifference {
  kind: string;
  key: string;
  original: unknown;
  reproduced: unknown;
  within: boolean;
  cell: number | null;
  cause: string | null;
}

interface IAttempt {
  run_id: string;
  outcome: Outcome;
  differences: IDifference[];
  reason: string | null;
  step?: string | null;
  steps?: IAttempt[];
}

/** How the latest execution of the run once more compares with it. */
export function Reproduction({ outcome }: { outcome: Outcome }): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId, open } = useRunPage();
  const load = useCallback(async () => {
    const run = await api.run.reproductionOf(runId);
    const context = run === null ? {} : await api.run.context(run.info.run_id);
    return { run, attempt: (context.reproduction ?? null) as unknown as IAttempt | null };
  }, [api, runId]);
  return (
    <>
      <p className="nbtrail-Sentence">
        <Badge kind="reproduction" word={outcome} />
      </p>
      <Loaded load={load}>
        {({ run, attempt }) => (
          <>
            {attempt?.reason && <p className="nbtrail-Sentence">{attempt.reason}</p>}
            {attempt && attempt.differences.length > 0 && (
              <Differences differences={attempt.differences} />
            )}
            {attempt?.steps?.map(one => (
              <Step key={one.run_id} attempt={one} />
            ))}
            {run && (
              <button
                className="nbtrail-Link"
                onClick={() => open('run', { run_id: run.info.run_id })}
              >
                {trans.__('The run that reproduced it: %1', run.info.run_name)}
              </button>
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

/** What came of one step of a pipeline. */
function Step({ attempt }: { attempt: IAttempt }): React.JSX.Element {
  return (
    <>
      <p className="nbtrail-Sentence">
        {attempt.step} <Badge kind="reproduction" word={attempt.outcome} />
      </p>
      {attempt.differences.length > 0 && <Differences differences={attempt.differences} />}
    </>
  );
}

function Differences({ differences }: { differences: IDifference[] }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <div className="nbtrail-Scroll" tabIndex={0}>
      <table className="nbtrail-Facts" data-testid="nbtrail-differences">
        <thead>
          <tr>
            <th scope="col">{trans.__('What differs')}</th>
            <th scope="col">{trans.__('Cell')}</th>
            <th scope="col">{trans.__('Original')}</th>
            <th scope="col">{trans.__('Reproduced')}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ kind, key, cell, original, reproduced, within, cause }, i) => (
            <tr key={i} title={cause ?? undefined}>
              <th scope="row">
                {kind} {key}
                {within && ` ${trans.__('(within tolerance)')}`}
              </th>
              <td>{cell}</td>
              <td className="nbtrail-Value">{inWords(original)}</td>
              <td className="nbtrail-Value">{inWords(reproduced)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
