import { describe, expect, it } from 'vitest';

import type { ITable } from '../../src/api/charts';
import { historyFigure } from '../../src/run/sweep/figure';
import {
  bestSoFar,
  filterOf,
  queryOf,
  ranked,
  shortParam,
  sweepIn,
  trialsIn
} from '../../src/run/sweep/trials';
import { tabsOf } from '../../src/run/tabs';

const TAGS = {
  'nbtrail.sweep': 'lr=float:log:0.0001..0.1 depth=2,4',
  'nbtrail.sweep.metric': 'loss',
  'nbtrail.sweep.direction': 'min',
  'nbtrail.sweep.sampler': 'tpe',
  'nbtrail.sweep.trials': '40',
  'nbtrail.sweep.parameters': '["lr", "depth"]'
};
const SWEEP = sweepIn(TAGS);
const MAXIMAL = { ...SWEEP, direction: 'max' as const };

/** Runs with their trial's number, its state, the run's status, and the metric. */
function aTable(...rows: [number, string | null, string, number | string | null][]): ITable {
  const column = <T>(of: (row: (typeof rows)[number], i: number) => T) => rows.map(of);
  return {
    total: rows.length,
    runs: {
      run_id: column((_, i) => `run ${i}`),
      name: column(([number]) => `sweep ${number}`),
      status: column(([, , status]) => status)
    } as unknown as ITable['runs'],
    columns: {
      'tags.nbtrail.trial': column(([number]) => String(number)),
      'tags.nbtrail.trial.state': column(([, state]) => state),
      'metrics.loss': column(([, , , value]) => value),
      'params.lr': column(() => 0.1),
      'params.depth': column(() => '4')
    },
    groups: null
  };
}

const TRIALS = trialsIn(
  aTable(
    [2, 'finished', 'FINISHED', 3],
    [1, 'finished', 'FINISHED', 5],
    [3, null, 'KILLED', 9],
    [4, 'pruned', 'KILLED', 8],
    [3, 'finished', 'FINISHED', 4],
    [5, 'failed', 'FAILED', 'NaN'],
    [6, null, 'RUNNING', 1],
    [7, null, 'KILLED', null]
  ),
  SWEEP
);

describe('a sweep', () => {
  it('is what the tags of its run say', () => {
    expect(SWEEP).toMatchObject({ metric: 'loss', total: 40, pruner: null, importance: null });
    expect(sweepIn({ 'nbtrail.sweep': 'x=1,2' })).toMatchObject({ names: [], total: null });
  });

  it('asks for its trials by the tags of their runs', () => {
    expect(filterOf('abc')).toBe(
      "tags.`mlflow.parentRunId` = 'abc' AND tags.`nbtrail.trial` != ''"
    );
    expect(queryOf('abc', SWEEP).columns).toEqual([
      ...['tags.nbtrail.trial', 'tags.nbtrail.trial.state'],
      ...['metrics.loss', 'params.lr', 'params.depth']
    ]);
  });

  it('gives its run a tab, as a pipeline does', () => {
    expect(tabsOf({})).not.toContain('sweep');
    expect(tabsOf(TAGS).slice(0, 3)).toEqual(['overview', 'sweep', 'charts']);
    expect(tabsOf({ 'nbtrail.pipeline': 'main' })[1]).toBe('pipeline');
  });
});

describe('its trials', () => {
  it('are in order, the last run for one that was executed again', () => {
    expect(TRIALS.map(({ number, state, value }) => [number, state, value])).toEqual([
      [1, 'finished', 5],
      [2, 'finished', 3],
      [3, 'finished', 4],
      [4, 'pruned', 8],
      [5, 'failed', null],
      [6, 'running', 1],
      [7, 'stopped', null]
    ]);
    expect(TRIALS[2]).toMatchObject({ runId: 'run 4', params: [0.1, '4'] });
  });

  it('are ranked, and the best so far goes by those that finished', () => {
    expect(ranked(TRIALS, SWEEP).map(({ number }) => number)).toEqual([2, 3, 1]);
    expect(ranked(TRIALS, MAXIMAL).map(({ number }) => number)).toEqual([1, 3, 2]);
    expect(bestSoFar(TRIALS, SWEEP).map(({ best }) => best)).toEqual([5, 3, 3]);
    expect(bestSoFar(TRIALS, MAXIMAL).map(({ best }) => best)).toEqual([5, 5, 5]);
    expect(bestSoFar([], SWEEP)).toEqual([]);
  });

  it('say what they were given in few digits', () => {
    const given = [0.00224970813968, '0.0022497081', 4, 'adam', '[64, 32]', null];
    expect(given.map(shortParam)).toEqual(['0.00225', '0.00225', '4', 'adam', '[64, 32]', '']);
  });

  it('are drawn with what was pruned, and nothing where there is nothing', () => {
    const words = { trial: 'trial', best: 'best', pruned: 'pruned' };
    const { data } = historyFigure(TRIALS, SWEEP, '#000000', words);
    expect(data.map(({ name }) => name)).toEqual(['best', 'loss', 'pruned']);
    expect(data[1]).toMatchObject({ x: [1, 2, 3], customdata: ['run 1', 'run 0', 'run 4'] });
    expect(historyFigure([], SWEEP, '#000000', words).data).toEqual([]);
  });
});
