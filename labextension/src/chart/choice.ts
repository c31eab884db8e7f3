/** Which runs and which metric the chart shows. */
import type { IMetric, IRun, ITrailState } from '../tokens';

/** The ticked runs in the order of the list; with none ticked, the newest. */
export function chartedRuns(state: Pick<ITrailState, 'runs' | 'selected'>): IRun[] {
  const ticked = state.runs.filter(run => state.selected.includes(run.info.run_id));
  return ticked.length > 0 ? ticked : state.runs.slice(0, 1);
}

/** The metrics that any of the runs has: curves before single values, then by name. */
export function metricKeys(runs: readonly IRun[]): string[] {
  const counts = new Map<string, number>();
  for (const { key, count } of runs.flatMap(run => run.metrics)) {
    counts.set(key, Math.max(count, counts.get(key) ?? 0));
  }
  const isCurve = (key: string) => Number((counts.get(key) ?? 0) > 1);
  return [...counts.keys()].sort((a, b) => isCurve(b) - isCurve(a) || a.localeCompare(b));
}

/** The metric to chart when the user chose none: the first that is a curve, else the first. */
export function defaultMetric(runs: readonly IRun[]): string | null {
  return metricKeys(runs)[0] ?? null;
}

export function metricOf(run: IRun, key: string): IMetric | undefined {
  return run.metrics.find(metric => metric.key === key);
}
