import React, { useCallback } from 'react';

import type { IExecution, IJudgement } from '../../api/trails';
import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { Badge } from '../../common/Badge';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { dueAgain } from './due';
import { Reproduction } from './Reproduction';

/** What the trail says, why, and what would put it right; and what came of the proof. */
export function Verdict(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(async () => {
    const judgement = await api.trails.verdict(runId);
    const isGood = (judgement.verdict?.findings ?? []).length === 0;
    const trail = isGood ? [] : (await api.trails.trail(runId)).executions;
    return { judgement, trail };
  }, [api, runId]);
  return (
    <Section title={trans.__('Reproducibility')} testId="nbtrail-run-verdict">
      <Loaded load={load}>
        {({ judgement, trail }) => (
          <>
            <Evidence judgement={judgement} trail={trail} />
            {judgement.reproduction && <Reproduction outcome={judgement.reproduction} />}
          </>
        )}
      </Loaded>
    </Section>
  );
}

interface IEvidenceProps {
  judgement: IJudgement;
  trail: IExecution[];
}

function Evidence({ judgement: { verdict }, trail }: IEvidenceProps): React.JSX.Element {
  const { trans } = useServices();
  if (verdict === null) {
    return <p className="nbtrail-Note">{trans.__('No cell of this run was judged.')}</p>;
  }
  const { findings } = verdict;
  const due = dueAgain(trail, findings);
  return (
    <>
      <p className="nbtrail-Sentence">
        <Badge kind="verdict" word={verdict.verdict} />
        {verdict.verdict === 'linear' &&
          trans.__('Restart-and-run-all should give the same results.')}
      </p>
      <ul className="nbtrail-Findings">
        {findings.map(({ kind, text, executions }, i) => (
          <li key={i} data-kind={kind}>
            {text} <CellLinks ids={executions} trail={trail} />
          </li>
        ))}
      </ul>
      {due.length > 0 && (
        <p className="nbtrail-Sentence">
          {trans.__('To put it right, run again, in this order:')}{' '}
          <CellLinks ids={due} trail={trail} />
        </p>
      )}
    </>
  );
}

interface ICellLinksProps {
  ids: readonly number[];
  trail: IExecution[];
}

/** Cells by the numbers that they had in the notebook; each leads to its place in the trail. */
function CellLinks({ ids, trail }: ICellLinksProps): React.JSX.Element {
  const { go } = useRunPage();
  const known = ids
    .map(id => trail.find(execution => execution.id === id))
    .filter(execution => execution !== undefined);
  return (
    <>
      {known.map(({ id, execution_count, source }) => (
        <button key={id} className="nbtrail-Link" title={source} onClick={() => go('trail', id)}>
          [{execution_count ?? '·'}]
        </button>
      ))}
    </>
  );
}
