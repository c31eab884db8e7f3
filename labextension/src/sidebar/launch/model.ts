/** The notebooks that can be launched, and what is running in the background. */
import type { IJob, INotebookFile, JobsApi } from '../../api/jobs';
import { attempt } from '../../common/attempt';
import { type ILiveState, LiveModel } from '../../common/live';

/** In milliseconds: the store changes often while something runs, the folder's notebooks do not. */
const LIST_AGAIN = 10_000;

export interface INotebooksState extends ILiveState {
  readonly notebooks: readonly INotebookFile[];
  readonly truncated: boolean;
  readonly jobs: readonly IJob[];
}

export class NotebooksModel extends LiveModel<INotebooksState> {
  constructor(private readonly api: JobsApi) {
    super({ ready: false, error: null, notebooks: [], truncated: false, jobs: [] });
  }

  async stop(job: IJob): Promise<void> {
    await attempt(() => this.api.stop(job.job_id));
    this.invalidate();
  }

  protected override async refresh(): Promise<void> {
    const [page, jobs] = await Promise.all([this.notebooks(), this.api.running()]);
    this.update({ ...page, jobs, ready: true, error: null });
  }

  private async notebooks(): Promise<Partial<INotebooksState>> {
    const now = Date.now();
    if (now - this.listed < LIST_AGAIN) {
      return {};
    }
    const page = await this.api.notebooks();
    this.listed = now;
    return page;
  }

  private listed = 0;
}
