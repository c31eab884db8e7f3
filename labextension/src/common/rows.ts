/** What differs between runs, and what is worth showing first of one. */
import type { IMetric, IParam, IRun, ParamOrigin } from '../tokens';

/** One row of the comparison: a key and one entry a run, null where a run has none. */
export interface IRow<T> {
  key: string;
  entries: (T | null)[];
}

/** The most deliberate first; autolog records an estimator's every default. */
const ORIGINS: readonly ParamOrigin[] = [
  'explicit',
  'injected',
  'inferred',
  'inherited',
  'autolog'
];

/** Params by how deliberately they were set, else in their own order. */
export function keyParamsFirst(params: readonly IParam[]): IParam[] {
  return [...params].sort((a, b) => ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin));
}

/** The params that a person set; where there are none, all that autolog recorded. */
export function keyParams(params: readonly IParam[]): IParam[] {
  const set = params.filter(param => param.origin !== 'autolog');
  return keyParamsFirst(set.length > 0 ? set : params);
}

/** Every param of the runs, one row a key. */
export function paramRows(runs: readonly IRun[]): IRow<IParam>[] {
  return rows(runs.map(run => keyParamsFirst(run.params)));
}

/** Every metric of the runs, one row a key. */
export function metricRows(runs: readonly IRun[]): IRow<IMetric>[] {
  return rows(runs.map(run => run.metrics));
}

/** Whether the runs disagree on a param; a run that lacks it disagrees with one that has it. */
export function differs(row: IRow<IParam>): boolean {
  return new Set(row.entries.map(entry => entry?.value)).size > 1;
}

function rows<T extends { key: string }>(columns: readonly T[][]): IRow<T>[] {
  const keys = new Set(columns.flat().map(item => item.key));
  return [...keys].map(key => ({
    key,
    entries: columns.map(items => items.find(item => item.key === key) ?? null)
  }));
}
