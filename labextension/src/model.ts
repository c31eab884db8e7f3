/** The state behind the panel: it asks the API, remembers the choices, and signals changes. */
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from './api';
import { chartedRuns, defaultMetric, metricKeys } from './chart/choice';
import { SeriesCache } from './chart/cache';
import type { INbTrailApi, ITrailModel, ITrailState } from './tokens';

/** At most one refresh in this many milliseconds, however fast the store changes. */
export const REFRESH_INTERVAL = 200;

const EMPTY: ITrailState = {
  ready: false,
  error: null,
  experiments: [],
  experimentId: null,
  runs: [],
  hasOlder: false,
  selected: [],
  metric: null,
  series: []
};

export class TrailModel implements ITrailModel {
  pageSize = 50;

  constructor(private readonly api: INbTrailApi) {
    this.cache = new SeriesCache(api);
  }

  get state(): ITrailState {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get active(): boolean {
    return this._active;
  }

  set active(value: boolean) {
    this._active = value;
    this.stale ||= this._state.error !== null;
    void this.work();
  }

  invalidate(): void {
    this.stale = true;
    void this.work();
  }

  showExperiment(experimentId: string | null): void {
    this.pages = 1;
    this.update({ experimentId, selected: [] });
    this.invalidate();
  }

  showOlder(): void {
    this.pages += 1;
    this.invalidate();
  }

  toggleRun(runId: string): void {
    const { selected } = this._state;
    const others = selected.filter(id => id !== runId);
    this.select(others.length < selected.length ? others : [...selected, runId]);
  }

  clearSelection(): void {
    this.select([]);
  }

  chartMetric(key: string): void {
    this.chosenMetric = key;
    this.update(this.charted(this._state));
    this.invalidate();
  }

  private select(selected: readonly string[]): void {
    this.update(this.charted({ ...this._state, selected }));
    this.invalidate();
  }

  /** One refresh after the other while there is news and someone is looking. */
  private async work(): Promise<void> {
    if (this.working) {
      return;
    }
    this.working = true;
    try {
      while (this.stale && this._active) {
        this.stale = false;
        await this.refresh();
        await new Promise(resolve => setTimeout(resolve, REFRESH_INTERVAL));
      }
    } finally {
      this.working = false;
    }
  }

  private async refresh(): Promise<void> {
    const { experimentId } = this._state;
    try {
      const [experiments, page] = await Promise.all([
        this.api.experiments(),
        this.api.runs(experimentId, this.pageSize * this.pages)
      ]);
      if (experimentId !== this._state.experimentId) {
        return; // The user moved on meanwhile; the next refresh is already due.
      }
      const hasOlder = page.next_page_token !== null;
      const known = { ...this._state, experiments, runs: page.runs, hasOlder };
      this.update({ ...this.charted(known), ready: true, error: null });
      await this.refreshSeries();
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.update({ ready: true, error: error.message });
    }
  }

  private async refreshSeries(): Promise<void> {
    const { metric } = this._state;
    if (metric !== null) {
      await this.cache.refresh(chartedRuns(this._state), metric);
      this.update(this.charted(this._state));
    }
  }

  /** `state` with a selection that exists, the metric to chart, and the series known of it. */
  private charted(state: ITrailState): ITrailState {
    const ids = new Set(state.runs.map(run => run.info.run_id));
    const selected = state.selected.filter(id => ids.has(id));
    const runs = chartedRuns({ ...state, selected });
    const chosen = this.chosenMetric;
    const metric = chosen && metricKeys(runs).includes(chosen) ? chosen : defaultMetric(runs);
    const series = metric === null ? [] : this.cache.of(runs, metric);
    return { ...state, selected, metric, series };
  }

  private update(change: Partial<ITrailState>): void {
    this._state = { ...this._state, ...change };
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly cache: SeriesCache;
  private _state = EMPTY;
  private _active = false;
  private chosenMetric: string | null = null;
  private pages = 1;
  private stale = true;
  private working = false;
}
