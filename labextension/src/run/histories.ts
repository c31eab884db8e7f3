/** The histories of a run's metrics, of those that are in sight only. */
import type { RunApi } from '../api/run';
import { stampOf } from '../chart/cache';
import { LiveModel, type ILiveState } from '../common/live';
import type { IMetric, ISeries } from '../tokens';

export interface IHistoriesState extends ILiveState {
  readonly series: ReadonlyMap<string, ISeries>;
}

/** Asks for all that is due at once, and for nothing that has not grown since. */
export class Histories extends LiveModel<IHistoriesState> {
  constructor(
    private readonly api: Pick<RunApi, 'histories'>,
    private readonly runId: string,
    private readonly points: number
  ) {
    super({ ready: false, error: null, series: new Map() });
  }

  /**
   * Follow a metric: it is in sight.
   *
   * @returns what ends that
   */
  follow(metric: IMetric): () => void {
    this.followed.set(metric.key, stampOf(metric));
    this.invalidate();
    return () => void this.followed.delete(metric.key);
  }

  protected override async refresh(): Promise<void> {
    const due = [...this.followed].filter(([key, stamp]) => this.known.get(key) !== stamp);
    if (due.length > 0) {
      const keys = due.map(([key]) => key);
      const found = await this.api.histories(this.runId, keys, this.points);
      due.forEach(([key, stamp]) => this.known.set(key, stamp));
      const series = new Map(this.state.series);
      found.forEach(one => series.set(one.key, one));
      this.update({ series, ready: true, error: null });
    } else if (this.state.error !== null) {
      this.update({ error: null }); // Nothing is in sight beside an error; now it may be again.
    }
  }

  private readonly followed = new Map<string, string>();
  private readonly known = new Map<string, string>();
}
