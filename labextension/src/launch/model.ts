/** The state behind a launch form: what the notebook takes, and the jobs that it was started as. */
import type { ApiError } from '../api/client';
import type {
  IJob,
  IJobDetail,
  INotebookForm,
  ISchedule,
  JobsApi,
  ScheduleAction
} from '../api/jobs';
import { AttendedModel } from '../common/attended';
import type { ILiveState } from '../common/live';
import {
  type Entries,
  isProject,
  launchOf,
  type Mode,
  scheduleOf,
  sweepOf,
  targetOf
} from './values';

/** What was typed and opened: the state of the page. */
export interface IDraft {
  readonly path: string;
  readonly entries: Entries;
  readonly mode: Mode;
  /** Of a sweep: its metric, how many trials, and so on. */
  readonly options: Entries;
  readonly experiment: string;
  /** The job whose runs are shown. */
  readonly job: string | null;
}

export interface ILaunchState extends ILiveState {
  readonly draft: IDraft;
  readonly form: INotebookForm | null;
  /** Of this notebook, the newest first. */
  readonly jobs: readonly IJob[];
  /** Of this notebook. */
  readonly schedules: readonly ISchedule[];
  readonly detail: IJobDetail | null;
  /** Why what was asked for last was not done. */
  readonly mistake: ApiError | null;
  readonly isBusy: boolean;
}

export class LaunchModel extends AttendedModel<ILaunchState> {
  constructor(
    private readonly api: JobsApi,
    draft: IDraft,
    private readonly remember: (draft: IDraft) => void
  ) {
    const none = { form: null, jobs: [], schedules: [], detail: null, mistake: null };
    super({ ready: false, error: null, draft, isBusy: false, ...none });
  }

  write(change: Partial<IDraft>): void {
    const draft = { ...this.state.draft, ...change };
    this.update({ draft });
    this.remember(draft);
    if ('job' in change) {
      this.invalidate();
    }
  }

  /** Read the notebook's parameters again: it may have been saved since. */
  reload(): void {
    this.update({ form: null });
    this.invalidate();
  }

  /** Start what was typed. */
  async launch(): Promise<void> {
    const { draft, form } = this.state;
    const known = form?.parameters ?? [];
    if (draft.mode === 'schedule') {
      await this.tried(() => this.api.schedule(scheduleOf(draft, known)));
      this.invalidate();
      return;
    }
    const detail = await this.tried(() =>
      draft.mode === 'sweep'
        ? this.api.sweep(sweepOf(draft, known))
        : this.api.launch(launchOf(draft, known))
    );
    if (detail) {
      this.write({ job: detail.job.job_id });
    }
  }

  async stop(jobId: string): Promise<void> {
    await this.tried(() => this.api.stop(jobId));
    this.invalidate();
  }

  async retry(jobId: string): Promise<void> {
    await this.tried(() => this.api.retry(jobId));
    this.invalidate();
  }

  /** Do something with a schedule. */
  async change(schedule: ISchedule, action: ScheduleAction): Promise<boolean> {
    const answer = await this.tried(() => this.api.changeSchedule(schedule.schedule_id, action));
    this.invalidate();
    return answer !== null;
  }

  /** Have a schedule again that was deleted. */
  async restore(schedule: ISchedule): Promise<void> {
    const { name, cron, experiment, parameters, asked } = schedule;
    await this.tried(() => this.api.schedule({ ...asked, name, cron, experiment, parameters }));
    this.invalidate();
  }

  protected override async refresh(): Promise<void> {
    const { draft, form } = this.state;
    const [known, all, planned, detail] = await Promise.all([
      form ?? (isProject(draft) ? this.projectForm(draft) : this.api.form(draft.path)),
      this.api.jobs(),
      this.api.schedules(),
      draft.job === null ? null : this.api.job(draft.job)
    ]);
    const isOfThis = (one: IJob | ISchedule) => [one.notebook, one.target].includes(draft.path);
    const jobs = all.filter(isOfThis);
    const schedules = planned.filter(isOfThis);
    const isReadAgain = this.state.form !== form; // Somebody wished for that meanwhile.
    this.update({
      ...(isReadAgain ? {} : { form: known }),
      jobs,
      schedules,
      detail,
      ready: true,
      error: null
    });
    this.passOn();
  }

  /** The form of a project; where the server refuses it, it can be asked for otherwise. */
  private async projectForm(draft: IDraft): Promise<INotebookForm> {
    try {
      return await this.api.projectForm(targetOf(draft));
    } catch (error) {
      const nothing = { kernel: null, language: null, parameters: [], cell: null };
      const project = { entry_points: [], entry_point: null };
      return { path: draft.path, problem: (error as ApiError).message, ...nothing, ...project };
    }
  }

  /** What an action gives; null where the server refused it. */
  private async tried<T>(act: () => Promise<T>): Promise<T | null> {
    this.update({ mistake: null, isBusy: true });
    try {
      return await act();
    } catch (error) {
      this.update({ mistake: error as ApiError });
      return null;
    } finally {
      this.update({ isBusy: false });
    }
  }
}
