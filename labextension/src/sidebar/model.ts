/** The state behind the list of runs: it asks the API and remembers the choices. */
import { chartedRuns, defaultMetric, metricKeys } from '../chart/choice';
import { SeriesCache } from '../chart/cache';
import { LiveModel } from '../common/live';
import type {
  IColumns,
  IExperiment,
  IRun,
  IRunsApi,
  ITrailModel,
  ITrailState,
  RunView
} from '../tokens';
import { chosenColumns, inferredColumns, NO_COLUMNS } from './columns';
import { RunSource } from './source';

const EMPTY: ITrailState = {
  ready: false,
  error: null,
  experiments: [],
  experimentId: null,
  filter: '',
  view: 'active',
  runs: [],
  ownCount: 0,
  notebook: null,
  hasOlder: false,
  columns: NO_COLUMNS,
  selected: [],
  progress: new Map(),
  metric: null,
  series: []
};

export class TrailModel extends LiveModel<ITrailState> implements ITrailModel {
  pageSize = 50;
  retention = 0;
  chosenColumns: readonly string[] = [];

  constructor(private readonly api: IRunsApi) {
    super(EMPTY);
    this.cache = new SeriesCache(api);
    this.source = new RunSource(api);
  }

  get chosenExperiment(): string | null | undefined {
    return this.isChosen ? this.state.experimentId : undefined;
  }

  showExperiment(experimentId: string | null): void {
    this.isChosen = true;
    this.ask({ experimentId, selected: [] });
  }

  showNotebook(notebook: string | null): void {
    if (notebook !== this.state.notebook) {
      this.ask({ notebook });
    }
  }

  showOlder(): void {
    this.pages += 1;
    this.hasten();
  }

  show(view: RunView): void {
    this.ask({ view, selected: [] });
  }

  filterBy(filter: string): void {
    if (filter !== this.state.filter) {
      this.ask({ filter });
    }
  }

  toggleRun(runId: string): void {
    const { selected, experimentId } = this.state;
    this.isChosen ||= experimentId !== null; // Do not lead away from what is being compared.
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

  private ask(change: Partial<ITrailState>): void {
    this.pages = 1;
    this.update(change);
    this.hasten();
  }

  private select(selected: readonly string[]): void {
    this.update(this.charted({ ...this.state, selected }));
    this.invalidate();
  }

  protected override async refresh(): Promise<void> {
    const asked = this.state;
    const all = this.api.experiments();
    const experimentId = asked.ready ? asked.experimentId : this.experimentAmong(await all);
    const query = { experimentId, maxResults: this.pageSize * this.pages };
    const { filter, view, notebook } = asked;
    const [experiments, found] = await Promise.all([
      all,
      this.source.list({ ...query, filter: filter || this.recent, view }, notebook)
    ]);
    if (isMovedOn(asked, this.state)) {
      return; // The user asked for something else meanwhile; the next refresh is already due.
    }
    if (this.experimentAmong(experiments) !== experimentId) {
      this.ask({ experiments, experimentId: this.experimentAmong(experiments) });
      return;
    }
    const columns = await this.columnsOf(experimentId, experiments, found.runs, filter);
    const progress = await this.source.progress(found.runs);
    if (isMovedOn(asked, this.state)) {
      return;
    }
    const known = { ...this.state, ...found, experiments, experimentId, columns, progress };
    this.update({ ...this.charted(known), ready: true, error: null });
    await this.refreshSeries();
  }

  /** What the list is limited to while nobody filters it. */
  private get recent(): string {
    return this.retention > 0 ? `attributes.start_time > -${this.retention}d` : '';
  }

  /** The chosen experiment; the one with the newest run, which comes first, if there is none. */
  private experimentAmong(experiments: readonly IExperiment[]): string | null {
    const { experimentId } = this.state;
    const isThere = experiments.some(experiment => experiment.experiment_id === experimentId);
    if (this.isChosen && (isThere || experimentId === null)) {
      return experimentId;
    }
    return experiments.find(experiment => experiment.run_count > 0)?.experiment_id ?? null;
  }

  private async columnsOf(
    id: string | null,
    experiments: readonly IExperiment[],
    runs: readonly IRun[],
    filter: string
  ): Promise<IColumns> {
    if (this.chosenColumns.length > 0) {
      return chosenColumns(this.chosenColumns);
    }
    return inferredColumns(await this.source.keys(id, experiments, runs, filter));
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
  private readonly source: RunSource;
  private chosenMetric: string | null = null;
  private isChosen = false;
  private pages = 1;
}

/** Whether the user asked for other runs than those of `before`. */
function isMovedOn(before: ITrailState, now: ITrailState): boolean {
  const keys = ['experimentId', 'filter', 'view', 'notebook'] as const;
  return keys.some(key => before[key] !== now[key]);
}
