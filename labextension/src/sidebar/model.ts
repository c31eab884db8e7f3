/** The state behind the list of runs: it asks the API and remembers the choices. */
import { chartedRuns, defaultMetric, metricKeys } from '../chart/choice';
import { SeriesCache } from '../chart/cache';
import { LiveModel } from '../common/live';
import type { IRunsApi, ITrailModel, ITrailState } from '../tokens';

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

export class TrailModel extends LiveModel<ITrailState> implements ITrailModel {
  pageSize = 50;

  constructor(private readonly api: IRunsApi) {
    super(EMPTY);
    this.cache = new SeriesCache(api);
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
    const { selected } = this.state;
    const others = selected.filter(id => id !== runId);
    this.select(others.length < selected.length ? others : [...selected, runId]);
  }

  clearSelection(): void {
    this.select([]);
  }

  chartMetric(key: string): void {
    this.chosenMetric = key;
    this.update(this.charted(this.state));
    this.invalidate();
  }

  private select(selected: readonly string[]): void {
    this.update(this.charted({ ...this.state, selected }));
    this.invalidate();
  }

  protected override async refresh(): Promise<void> {
    const { experimentId } = this.state;
    const [experiments, page] = await Promise.all([
      this.api.experiments(),
      this.api.runs(experimentId, this.pageSize * this.pages)
    ]);
    if (experimentId !== this.state.experimentId) {
      return; // The user moved on meanwhile; the next refresh is already due.
    }
    const hasOlder = page.next_page_token !== null;
    const known = { ...this.state, experiments, runs: page.runs, hasOlder };
    this.update({ ...this.charted(known), ready: true, error: null });
    await this.refreshSeries();
  }

  private async refreshSeries(): Promise<void> {
    const { metric } = this.state;
    if (metric !== null) {
      await this.cache.refresh(chartedRuns(this.state), metric);
      this.update(this.charted(this.state));
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

  private readonly cache: SeriesCache;
  private chosenMetric: string | null = null;
  private pages = 1;
}
