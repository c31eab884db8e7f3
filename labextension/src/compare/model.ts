/** The state behind a comparison: the choice, and the runs that it leaves. */
import type { ChartsApi, ITable } from '../api/charts';
import { AttendedModel } from '../common/attended';
import type { ILiveState } from '../common/live';
import type { IKeys } from '../tokens';
import type { IChoice } from './choice';
import { inferredColumns, metricsOf, term, workMetrics } from './columns';

/** More runs than this are listed, and the first of them drawn. */
export const MOST_DRAWN = 100;
/** Metrics that are charted when nobody chose. */
export const FEW_CHARTS = 12;
/** The server's own limit. */
const MOST_COLUMNS = 200;

const NO_KEYS: IKeys = { runs: 0, params: [], metrics: [], tags: [] };

export interface ICompareState extends ILiveState {
  readonly choice: IChoice;
  readonly table: ITable | null;
  readonly keys: IKeys;
  /** What is wrong with the filter or the order; the rows before it stay. */
  readonly mistake: string | null;
}

/** What of the choice the server has to be asked for. */
const ASKED: readonly (keyof IChoice)[] = [
  'run_ids',
  'experiment_ids',
  'filter',
  'columns',
  'order',
  'descending',
  'group_by',
  'limit',
  'metrics',
  'scatter',
  'bars',
  'axes',
  'view'
];

export class CompareModel extends AttendedModel<ICompareState> {
  constructor(
    readonly api: ChartsApi,
    choice: IChoice,
    private readonly remember: (choice: IChoice) => void
  ) {
    super({ ready: false, error: null, choice, table: null, keys: NO_KEYS, mistake: null });
  }

  choose(change: Partial<IChoice>): void {
    const choice = { ...this.state.choice, ...change };
    this.update({ choice });
    this.remember(choice);
    if (ASKED.some(name => name in change)) {
      this.invalidate();
    }
  }

  protected override async refresh(): Promise<void> {
    const { choice } = this.state;
    try {
      const keys = await this.api.keys(await this.experimentsOf(choice));
      const table = await this.api.table({
        ...scopeOf(choice),
        order_by: orderOf(choice),
        columns: columnsOf(choice, keys),
        group_by: choice.group_by,
        limit: choice.limit
      });
      this.update({ keys, table, ready: true, error: null, mistake: null });
    } catch (error) {
      if (this.state.table === null || !isMistake(error)) {
        throw error;
      }
      this.update({ mistake: (error as Error).message });
    }
    this.passOn();
  }

  /** Whose keys there are to choose from: some runs of all are of few experiments. */
  private async experimentsOf(choice: IChoice): Promise<readonly string[]> {
    const { experiment_ids, filter } = scopeOf(choice);
    if (experiment_ids.length > 0 || filter === '') {
      return experiment_ids;
    }
    const bare = { order_by: [], columns: [], group_by: null, limit: 1000 };
    const { runs } = await this.api.table({ ...scopeOf(choice), ...bare });
    return [...new Set(runs.experiment_id)];
  }
}

/** Which runs: the filter of a choice says the ids, too. */
export function scopeOf(choice: IChoice): { experiment_ids: readonly string[]; filter: string } {
  const ids = choice.run_ids.map(id => `'${id.replaceAll("'", '')}'`).join(', ');
  const among = ids && `attributes.run_id IN (${ids})`;
  const both = among && choice.filter ? `${among} AND (${choice.filter})` : among || choice.filter;
  return { experiment_ids: choice.experiment_ids, filter: both };
}

function orderOf({ order, descending }: IChoice): string[] {
  return order === null ? [] : [`${term(order)} ${descending ? 'DESC' : 'ASC'}`];
}

/** Everything that the views read of a run. */
export function columnsOf(choice: IChoice, keys: IKeys): string[] {
  const charted = chartedMetrics(choice, keys);
  return [
    ...new Set([
      ...(choice.group_by === null ? [] : [choice.group_by]),
      ...shownColumns(choice, keys),
      ...drawnColumns(choice, keys),
      ...(choice.view === 'charts' ? charted.map(key => `metrics.${key}.count`) : [])
    ])
  ].slice(0, MOST_COLUMNS);
}

export function shownColumns({ columns }: IChoice, keys: IKeys): readonly string[] {
  return columns ?? inferredColumns(keys);
}

export function chartedMetrics({ metrics }: IChoice, keys: IKeys): readonly string[] {
  return metrics ?? workMetrics(keys).slice(0, FEW_CHARTS);
}

function drawnColumns(choice: IChoice, keys: IKeys): readonly string[] {
  switch (choice.view) {
    case 'scatter':
      return scatterOf(choice, keys);
    case 'bars':
      return [barsOf(choice, keys)].filter(column => column !== null);
    case 'parallel':
      return axesOf(choice, keys);
    default:
      return [];
  }
}

/** What runs to the right and what upwards in the scatter. */
export function scatterOf({ scatter }: IChoice, keys: IKeys): readonly string[] {
  const [up, other] = metricsOf(keys).map(key => `metrics.${key}`);
  const param = inferredColumns(keys).find(column => column.startsWith('params.'));
  return scatter ?? [param ?? other ?? 'attributes.duration', up ?? 'attributes.start_time'];
}

export function barsOf({ bars }: IChoice, keys: IKeys): string | null {
  return bars ?? metricsOf(keys).map(key => `metrics.${key}`)[0] ?? null;
}

export function axesOf({ axes }: IChoice, keys: IKeys): readonly string[] {
  return axes ?? inferredColumns(keys).filter(column => column !== 'attributes.duration');
}

/** The rows that are drawn: not hidden, and no more than can be told apart. */
export function drawnRows({ choice, table }: Pick<ICompareState, 'choice' | 'table'>): number[] {
  const hidden = new Set(choice.hidden);
  const rows = table?.runs.run_id.map((_, row) => row) ?? [];
  return rows.filter(row => table && !hidden.has(table.runs.run_id[row])).slice(0, MOST_DRAWN);
}

/** A mistake in the question, which the next question need not have. */
function isMistake(error: unknown): boolean {
  return (error as { status?: number }).status === 400;
}
