/** Columns of the table: their names, which are worth showing, and how rows are put in order. */
import type { IKeys, IKeyUse } from '../tokens';
import type { Cell, ITable } from '../api/charts';

export type Kind = 'metrics' | 'params' | 'tags' | 'attributes';

/** Params and metrics that are shown when nobody chose. */
const MOST_INFERRED = 5;
/** What nbtrail, MLflow and the machine write of themselves. */
const OWN_KEY = /^(system\/|mlflow\.|nbtrail\.)/;

export const ATTRIBUTES = ['duration', 'start_time', 'notebook', 'trail.verdict', 'user_id'];

/** The kind and the key of a column: `metrics.loss` is the metric `loss`. */
export function parted(column: string): { kind: Kind; key: string } {
  const dot = column.indexOf('.');
  return { kind: column.slice(0, dot) as Kind, key: column.slice(dot + 1) };
}

/** A term of an order, or the left side of a condition: odd keys are quoted. */
export function term(column: string): string {
  const { kind, key } = parted(column);
  const quote = key.includes('`') ? '"' : '`';
  return kind === 'attributes' ? column : `${kind}.${quote}${key}${quote}`;
}

/** The columns that tell the runs apart: the params that vary, then the most common metrics. */
export function inferredColumns({ params, metrics, runs }: IKeys): string[] {
  const varies = ({ runs: having, distinct }: IKeyUse) => distinct > 1 || having < runs;
  const own = ({ key }: IKeyUse) => OWN_KEY.test(key);
  return [
    ...params
      .filter(varies)
      .slice(0, MOST_INFERRED)
      .map(({ key }) => `params.${key}`),
    ...metrics
      .filter(use => !own(use))
      .slice(0, MOST_INFERRED)
      .map(({ key }) => `metrics.${key}`),
    'attributes.duration'
  ];
}

/** Every column that there is to choose from. */
export function allColumns({ params, metrics, tags }: IKeys): string[] {
  return [
    ...metrics.map(({ key }) => `metrics.${key}`),
    ...params.map(({ key }) => `params.${key}`),
    ...ATTRIBUTES.map(name => `attributes.${name}`),
    ...tags.map(({ key }) => `tags.${key}`)
  ];
}

/** The metrics of the work; those of the machine where there are no others. */
export function workMetrics({ metrics }: IKeys): string[] {
  const keys = metrics.map(({ key }) => key);
  const work = keys.filter(key => !OWN_KEY.test(key));
  return work.length > 0 ? work : keys;
}

/** All metrics, those of the machine last. */
export function metricsOf(keys: IKeys): string[] {
  return [...new Set([...workMetrics(keys), ...keys.metrics.map(({ key }) => key)])];
}

/** Whether the runs disagree; one that has nothing disagrees with one that has something. */
export function disagree(values: readonly Cell[] | undefined): boolean {
  return new Set(values).size > 1;
}

/** The columns in the order in which they are drawn: the pinned ones first. */
export function arranged(columns: readonly string[], pinned: readonly string[]): string[] {
  const first = columns.filter(column => pinned.includes(column));
  return [...first, ...columns.filter(column => !pinned.includes(column))];
}

/** A value as a number, also a param's text; null if it is none. */
export function numberIn(value: Cell | undefined): number | null {
  if (typeof value === 'string' && /^[-+]?(\d|\.\d)/.test(value)) {
    value = Number(value);
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** What the value of a run is more (or less) than the baseline's; null where either has none. */
export function delta(value: Cell, base: Cell): { by: number; ratio: number | null } | null {
  const [one, other] = [numberIn(value), numberIn(base)];
  if (one === null || other === null) {
    return null;
  }
  const by = one - other;
  return { by, ratio: other === 0 ? null : by / Math.abs(other) };
}

/** A line of the table: a run, by its place in the columns, or the head of a group. */
export type Line = { row: number } | { group: string | null; runs: number };

/** The lines of a table: its rows, below a head for each group. */
export function linesOf(table: ITable, groupBy: string | null): Line[] {
  const rows = table.runs.run_id.map((_, row) => ({ row }));
  const values = groupBy === null ? undefined : table.columns[groupBy];
  if (values === undefined) {
    return rows;
  }
  const sizes = new Map(table.groups?.map(({ value, runs }) => [value, runs]));
  return rows.flatMap(({ row }) => {
    const group = values[row] === null ? null : String(values[row]);
    const isFirst = row === 0 || values[row - 1] !== values[row];
    const head = { group, runs: sizes.get(group) ?? 0 };
    return isFirst ? [head, { row }] : [{ row }];
  });
}
