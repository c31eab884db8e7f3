/** The tracking of one notebook: whether its kernel records, into which run, and what stands beside its cells. */
import type { IExecution } from '../api/trails';
import { type ILiveState, LiveModel } from '../common/live';
import type { IRun, IRunPage, IRunQuery } from '../tokens';
import { notebookFilter } from '../sidebar/source';
import { type IMark, marksOf } from './marks';
import { isSameNotebook } from './paths';
import type { RecorderState } from './recorder';

export interface ITrackingState extends ILiveState {
  readonly recorder: RecorderState;
  /** The run that it recorded last, or records now. */
  readonly run: IRun | null;
  readonly marks: ReadonlyMap<string, IMark>;
}

/** What is asked of the server. */
export interface ITrackingApi {
  runs(query: IRunQuery): Promise<IRunPage>;
  executions(runId: string): Promise<readonly IExecution[]>;
}

/** The notebook, and the recorder in its kernel. */
export interface ITracked {
  readonly path: string;
  readonly recorder: RecorderState;
  sources(): Map<string, string>;
}

const EMPTY: ITrackingState = {
  ready: false,
  error: null,
  recorder: 'none',
  run: null,
  marks: new Map()
};

export class NotebookTracking extends LiveModel<ITrackingState> {
  constructor(
    private readonly api: ITrackingApi,
    readonly notebook: ITracked
  ) {
    super(EMPTY);
  }

  get isRecording(): boolean {
    return this.state.recorder === 'on' && this.state.run?.info.status === 'RUNNING';
  }

  /** Say that a cell has ended: there may be more on the trail. */
  settle(): void {
    this.stamp = '';
    this.invalidate();
  }

  /** Look at the cells again, which were edited. */
  remark(): void {
    if (this.active && this.executions.length > 0) {
      this.update({ marks: marksOf(this.executions, this.notebook.sources()) });
    }
  }

  /** The run of this notebook that began last; null if there is none. */
  async latestRun(): Promise<IRun | null> {
    const { path } = this.notebook;
    const filter = notebookFilter(path);
    if (filter === null) {
      return null;
    }
    const query = { experimentId: null, filter, view: 'active', maxResults: 5 } as const;
    const { runs } = await this.api.runs(query);
    return runs.find(({ info }) => isSameNotebook(info.notebook ?? '', path)) ?? null;
  }

  protected override async refresh(): Promise<void> {
    const { recorder } = this.notebook;
    const run = recorder === 'none' ? null : await this.latestRun();
    await this.refreshTrail(run);
    const marks = marksOf(this.executions, this.notebook.sources());
    this.update({ ready: true, error: null, recorder, run, marks });
  }

  /** Ask for the trail, unless the run is known to be where it was. */
  private async refreshTrail(run: IRun | null): Promise<void> {
    const stamp = run === null ? 'none' : [run.info.run_id, run.info.end_time].join();
    if (stamp !== this.stamp) {
      this.executions = run === null ? [] : await this.api.executions(run.info.run_id);
      this.stamp = stamp;
    }
  }

  private executions: readonly IExecution[] = [];
  private stamp = '';
}
