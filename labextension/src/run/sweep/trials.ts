/** The trials of a sweep, read from the table of its runs. Knows no DOM. */
import type { Cell, ITable, ITableQuery } from '../../api/charts';
import { formatNumber } from '../../common/format';
import { numberIn, term } from '../../compare/columns';
import { PARENT, SWEEP } from '../keys';
import { inWords } from '../text';

/** More trials than this are not looked at: the first ones are. */
export const MOST_TRIALS = 2000;
const NUMBER = 'tags.nbtrail.trial';
const STATE = 'tags.nbtrail.trial.state';

/** What a sweep is: that what its run's tags say. */
export interface ISweepTags {
  readonly space: string;
  readonly metric: string;
  readonly direction: 'max' | 'min';
  readonly sampler: string;
  readonly pruner: string | null;
  /** How many trials there are to be, where that is known. */
  readonly total: number | null;
  /** What each trial is given. */
  readonly names: readonly string[];
  /** Of how many trials the importance of the parameters is known, or why it is not. */
  readonly importance: string | null;
}

export type TrialState = 'running' | 'finished' | 'pruned' | 'failed' | 'stopped';

export interface ITrial {
  readonly number: number;
  readonly state: TrialState;
  /** Of the metric; of one that was pruned, the last. */
  readonly value: number | null;
  readonly params: readonly Cell[];
  readonly runId: string;
  readonly name: string;
}

export function sweepIn(tags: Readonly<Record<string, string>>): ISweepTags {
  const said = (name: string) => tags[`${SWEEP}.${name}`];
  return {
    space: tags[SWEEP],
    metric: said('metric') ?? '',
    direction: said('direction') === 'max' ? 'max' : 'min',
    sampler: said('sampler') ?? '',
    pruner: said('pruner') ?? null,
    total: numberIn(said('trials')),
    names: JSON.parse(said('parameters') ?? '[]') as string[],
    importance: said('importance') ?? null
  };
}

/** The filter that leaves the trials of a sweep. */
export function filterOf(runId: string): string {
  return `${term(`tags.${PARENT}`)} = '${runId}' AND ${term(NUMBER)} != ''`;
}

export function queryOf(runId: string, { metric, names }: ISweepTags): ITableQuery {
  return {
    experiment_ids: [],
    filter: filterOf(runId),
    order_by: ['attributes.start_time ASC'],
    columns: [NUMBER, STATE, `metrics.${metric}`, ...names.map(name => `params.${name}`)],
    group_by: null,
    limit: MOST_TRIALS
  };
}

/** The trials by number; of one that was executed again, the last run. */
export function trialsIn({ runs, columns }: ITable, { metric, names }: ISweepTags): ITrial[] {
  const trials = new Map<number, ITrial>();
  runs.run_id.forEach((runId, row) => {
    const number = Number(columns[NUMBER][row]);
    trials.set(number, {
      ...{ number, runId, name: runs.name[row] },
      state: stateOf(columns[STATE][row], runs.status[row]),
      value: numberIn(columns[`metrics.${metric}`][row]),
      params: names.map(name => columns[`params.${name}`][row])
    });
  });
  return [...trials.values()].sort((a, b) => a.number - b.number);
}

function stateOf(told: Cell, status: string): TrialState {
  if (told === 'finished' || told === 'pruned' || told === 'failed') {
    return told;
  }
  return status === 'RUNNING' ? 'running' : 'stopped';
}

/** What a trial was given, short enough to be read. */
export function shortParam(param: Cell): string {
  const number = numberIn(param);
  return number === null ? inWords(param) : formatNumber(number);
}

/** The trials that finished, the best first. */
export function ranked(trials: readonly ITrial[], { direction }: ISweepTags): ITrial[] {
  const sign = direction === 'max' ? -1 : 1;
  return trials
    .filter(({ state, value }) => state === 'finished' && value !== null)
    .sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
}

/** The trials that finished, each with the best value up to it. */
export function bestSoFar(
  trials: readonly ITrial[],
  { direction }: ISweepTags
): { number: number; best: number }[] {
  const better = direction === 'max' ? Math.max : Math.min;
  let best: number | null = null;
  return trials.flatMap(({ number, state, value }) => {
    if (state !== 'finished' || value === null) {
      return [];
    }
    best = best === null ? value : better(best, value);
    return [{ number, best }];
  });
}
