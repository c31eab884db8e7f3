import React, { useCallback, useMemo } from 'react';

import type { ITable } from '../../api/charts';
import { useServices } from '../../common/context';
import { formatNumber } from '../../common/format';
import { Section } from '../../common/Section';
import { Loaded } from '../common/Loaded';
import { useRun, useRunPage } from '../context';
import { Coordinates } from './Coordinates';
import { History } from './History';
import { Importance } from './Importance';
import {
  filterOf,
  type ISweepTags,
  type ITrial,
  queryOf,
  ranked,
  shortParam,
  sweepIn,
  trialsIn
} from './trials';
import { SweepActions } from './SweepActions';
import { TrialsTable } from './TrialsTable';

export interface ISweepProps {
  sweep: ISweepTags;
  /** By number. */
  trials: readonly ITrial[];
}

/** The tab of a sweep: how far it has come, and what its trials came to. */
export function Sweep(): React.JSX.Element {
  const { api, runId } = useRunPage();
  const { tags } = useRun();
  const sweep = useMemo(() => sweepIn(tags), [tags]);
  const load = useCallback(() => api.charts.table(queryOf(runId, sweep)), [api, runId, sweep]);
  return (
    <Loaded load={load} follows="store">
      {table => <Trials table={table} sweep={sweep} />}
    </Loaded>
  );
}

function Trials({ table, sweep }: { table: ITable; sweep: ISweepTags }): React.JSX.Element {
  const { trans } = useServices();
  const trials = useMemo(() => trialsIn(table, sweep), [table, sweep]);
  const props = { sweep, trials };
  return (
    <>
      <Summary {...props} />
      <SweepActions />
      {table.total > table.runs.run_id.length && (
        <p className="nbtrail-Hint">
          {trans.__('Only the first %1 runs are looked at.', table.runs.run_id.length)}
        </p>
      )}
      {trials.length > 0 && (
        <>
          <div className="nbtrail-Columns">
            <Section title={trans.__('Best so far')}>
              <History {...props} />
            </Section>
            <Section title={trans.__('What matters')}>
              <Importance sweep={sweep} />
            </Section>
          </div>
          <Section title={trans.__('Parallel coordinates')}>
            <Coordinates {...props} />
          </Section>
          <Section title={trans.__('Trials')}>
            <TrialsTable {...props} />
          </Section>
        </>
      )}
    </>
  );
}

/** How many trials there are, how they stand, and which is the best. */
function Summary({ sweep, trials }: ISweepProps): React.JSX.Element {
  const { trans } = useServices();
  const { runId, open } = useRunPage();
  const { metric, direction, sampler, pruner, space, total } = sweep;
  const done = trials.filter(({ state }) => state !== 'running' && state !== 'stopped').length;
  const [best] = ranked(trials, sweep);
  const given = best && sweep.names.map((name, i) => `${name} = ${shortParam(best.params[i])}`);
  return (
    <div className="nbtrail-Sweep-summary" data-testid="nbtrail-sweep" data-done={done}>
      <p>
        <progress
          value={done}
          max={Math.max(total ?? trials.length, 1)}
          aria-label={trans.__('Trials that have ended')}
        />{' '}
        {total === null
          ? trans._n('%1 trial has ended.', '%1 trials have ended.', done)
          : trans.__('%1 of %2 trials have ended.', done, total)}{' '}
        {trials.length === 0 && trans.__('None has begun yet: the first one appears here.')}
        {trials.length > 0 && (
          <button
            className="nbtrail-Link"
            onClick={() => open('compare', { filter: filterOf(runId), view: 'table' })}
          >
            {trans.__('Compare the trials')}
          </button>
        )}
      </p>
      {best && (
        <p>
          {trans.__('Best %1: %2 with %3', metric, formatNumber(best.value), given.join(', '))}{' '}
          <button className="nbtrail-Link" onClick={() => open('run', { run_id: best.runId })}>
            {trans.__('Open trial %1', best.number)}
          </button>
        </p>
      )}
      <p className="nbtrail-Hint">
        {direction === 'max' ? trans.__('The highest is best.') : trans.__('The lowest is best.')}{' '}
        {trans.__('Sampler %1.', sampler)} {pruner && trans.__('Pruner %1.', pruner)}{' '}
        <code>{space}</code>
      </p>
    </div>
  );
}
