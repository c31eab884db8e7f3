/** The metric histories at hand; asks again only for those that grew. */
import type { IMetric, IRunsApi, IRun, ISeries } from '../tokens';
import { metricOf } from './choice';

/** A longer history is drawn in this many buckets, made by the store. */
export const MAX_POINTS = 500;

interface IEntry {
  stamp: string;
  series: ISeries;
}

export class SeriesCache {
  constructor(private readonly api: IRunsApi) {}

  /** Fetch what is missing or has grown of one metric of these runs; forget all the rest. */
  async refresh(runs: readonly IRun[], key: string): Promise<void> {
    const stamps = new Map<string, string>();
    for (const run of runs) {
      const metric = metricOf(run, key);
      if (metric) {
        stamps.set(run.info.run_id, stampOf(metric));
      }
    }
    this.forget(key, stamps);
    const due = [...stamps.keys()].filter(id => this.entries.get(id)?.stamp !== stamps.get(id));
    if (due.length > 0) {
      for (const series of await this.api.history(due, key, MAX_POINTS)) {
        this.entries.set(series.run_id, { stamp: stamps.get(series.run_id) ?? '', series });
      }
    }
  }

  /** The histories at hand, in the order of `runs`. */
  of(runs: readonly IRun[], key: string): ISeries[] {
    return runs
      .map(run => this.entries.get(run.info.run_id)?.series)
      .filter(series => series !== undefined)
      .filter(series => series.key === key);
  }

  private forget(key: string, stamps: ReadonlyMap<string, string>): void {
    for (const [runId, { series }] of this.entries) {
      if (series.key !== key || !stamps.has(runId)) {
        this.entries.delete(runId);
      }
    }
  }

  private readonly entries = new Map<string, IEntry>();
}

/** Changes whenever a point was added or replaced. */
export function stampOf({ count, step, timestamp, value }: IMetric): string {
  return [count, step, timestamp, value].join();
}
