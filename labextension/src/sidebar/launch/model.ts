/** The notebooks that can be launched, and what is running in the background. */
import type { INotebookFile, IRunningJob, NotebooksApi } from '../../api/notebooks';
import { attempt } from '../../common/attempt';
import { type ILiveState, LiveModel } from '../../common/live';

export interface ILaunchState extends ILiveState {
  readonly notebooks: readonly INotebookFile[];
  readonly truncated: boolean;
  readonly jobs: readonly IRunningJob[];
}

export class LaunchModel extends LiveModel<ILaunchState> {
  constructor(private readonly api: NotebooksApi) {
    super({ ready: false, error: null, notebooks: [], truncated: false, jobs: [] });
  }

  async stop(job: IRunningJob): Promise<void> {
    await attempt(() => this.api.stop(job.job_id));
    this.invalidate();
  }

  protected override async refresh(): Promise<void> {
    const [page, jobs] = await Promise.all([this.api.notebooks(), this.api.running()]);
    this.update({ ...page, jobs, ready: true, error: null });
  }
}
