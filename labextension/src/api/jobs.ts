/** Notebooks that are executed in the background of the server: their forms, the queue, the logs. */
import type { Client } from './client';

export type JobState = 'queued' | 'running' | 'finished' | 'failed' | 'stopped';

export interface IJob {
  job_id: string;
  kind: 'notebook' | 'reproduction' | 'rerun' | 'project' | 'sweep';
  name: string;
  notebook: string | null;
  /** Of a project or a sweep, what is run; else the run that is meant. */
  target: string | null;
  experiment: string | null;
  state: JobState;
  stopping: boolean;
  created: number;
  started: number | null;
  ended: number | null;
  error: string | null;
  /** How many of its runs are in each state. */
  counts: Record<JobState, number>;
  cells_done: number;
  /** Of the runs that have started; of a sweep, its trials. */
  cells_total: number;
  /** Of a sweep: the best so far, in words. */
  outcome: string | null;
}

export interface IJobRun {
  /** From 1. */
  position: number;
  parameters: Record<string, unknown>;
  state: JobState;
  run_id: string | null;
  cells_done: number;
  cells_total: number | null;
  /** The first line of the cell that runs. */
  cell: string | null;
  outcome: string | null;
  error: string | null;
}

export interface IJobDetail {
  job: IJob;
  runs: IJobRun[];
}

export interface INotebookParameter {
  name: string;
  type: string | null;
  /** As it is written in the notebook. */
  default: string | null;
  help: string | null;
  choices: unknown[] | null;
}

export interface INotebookForm {
  path: string;
  kernel: string | null;
  language: string | null;
  /** Why it cannot be run, in a sentence. */
  problem: string | null;
  parameters: INotebookParameter[];
  cell: { tagged: boolean } | null;
  /** Of a project. */
  entry_points: string[];
  entry_point: string | null;
}

/** What is run: a notebook, or a project by its directory or git address. */
export interface ITarget {
  notebook?: string;
  project?: string;
  entry_point?: string;
  version?: string;
}

/** In what it is executed, and where. */
export interface IWhere {
  env?: string;
  /** Its name, and its options. */
  backend?: Record<string, string>;
  /** Seconds that a cell or a command may take. */
  timeout?: number;
}

/** Somewhere to execute things, and what can be said of that. */
export interface IBackend {
  name: string;
  help: string;
  options: { name: string; help: string; default: string | null }[];
  /** Why it cannot be had. */
  problem: string | null;
}

export interface ILaunch extends ITarget, IWhere {
  /** Values that hold for all runs. */
  parameters: Record<string, string>;
  /** Of which every combination is run. */
  grid?: Record<string, string[]>;
  experiment?: string;
  name?: string;
}

/** A search over the parameters of a notebook; what is left out is as the server has it. */
export interface ISweep extends ITarget, Pick<IWhere, 'env' | 'backend'> {
  /** A range, choices or one value, as a text. */
  parameters: Record<string, string>;
  metric: string;
  direction: string;
  trials?: number;
  parallel?: number;
  sampler?: string;
  pruner?: string;
  /** Until the sweep ends, such as `1h` or `90s`. */
  timeout?: string;
  seed?: number;
  experiment?: string;
}

/** A notebook that is run again and again. */
export interface ISchedule {
  schedule_id: string;
  name: string;
  /** Five fields, as in a crontab. */
  cron: string;
  notebook: string | null;
  /** What is run. */
  target: string | null;
  /** How that was asked for, but for its parameters. */
  asked: ITarget & IWhere;
  experiment: string | null;
  parameters: Record<string, unknown>;
  /** The next time; null while it is paused. */
  next: number | null;
  /** How many times were missed, and the latest of them. */
  missed: number;
  missed_at: number | null;
}

export interface INewSchedule extends ITarget, IWhere {
  parameters: Record<string, unknown>;
  cron: string;
  experiment?: string | null;
  name?: string;
}

export type ScheduleAction = 'run' | 'pause' | 'resume' | 'remove';

export interface ILogPiece {
  text: string;
  /** Of the next piece, in bytes. */
  offset: number;
  size: number;
  /** No more will come. */
  ended: boolean;
}

export interface INotebookFile {
  path: string;
  modified: number;
}

export interface INotebookPage {
  notebooks: INotebookFile[];
  /** Whether there are more than are listed. */
  truncated: boolean;
}

export class JobsApi {
  constructor(private readonly client: Client) {}

  /** The notebooks below the server's root. */
  notebooks(): Promise<INotebookPage> {
    return this.client.get<INotebookPage>('notebooks');
  }

  form(path: string): Promise<INotebookForm> {
    return this.client.get<INotebookForm>('notebooks/parameters', { path });
  }

  /** Of a project; a repository is fetched for it. */
  projectForm(project: ITarget): Promise<INotebookForm> {
    return this.client.send<INotebookForm>('projects/parameters', project);
  }

  async backends(): Promise<IBackend[]> {
    return (await this.client.get<{ backends: IBackend[] }>('backends')).backends;
  }

  launch(launch: ILaunch): Promise<IJobDetail> {
    return this.client.send<IJobDetail>('jobs', launch);
  }

  sweep(sweep: ISweep): Promise<IJobDetail> {
    return this.client.send<IJobDetail>('sweeps', sweep);
  }

  async schedules(): Promise<ISchedule[]> {
    return (await this.client.get<{ schedules: ISchedule[] }>('schedules')).schedules;
  }

  schedule(schedule: INewSchedule): Promise<unknown> {
    return this.client.send('schedules', schedule);
  }

  changeSchedule(scheduleId: string, action: ScheduleAction): Promise<unknown> {
    const path = `schedules/${encodeURIComponent(scheduleId)}`;
    return action === 'remove'
      ? this.client.send(path, undefined, 'DELETE')
      : this.client.send(`${path}/${action}`, {});
  }

  async jobs(): Promise<IJob[]> {
    return (await this.client.get<{ jobs: IJob[] }>('jobs')).jobs;
  }

  /** The jobs that have not ended. */
  async running(): Promise<IJob[]> {
    const query = { state: ['queued', 'running'] };
    return (await this.client.get<{ jobs: IJob[] }>('jobs', query)).jobs;
  }

  /** The runs that jobs are at now, with the cells that they have done. */
  async progress(): Promise<IJobRun[]> {
    const jobs = await this.running();
    const details = await Promise.all(jobs.map(({ job_id }) => this.job(job_id)));
    return details.flatMap(({ runs }) => runs).filter(({ state }) => state === 'running');
  }

  job(jobId: string): Promise<IJobDetail> {
    return this.client.get<IJobDetail>(at(jobId));
  }

  /** A piece of the log; a negative offset counts from the end. */
  log(jobId: string, offset: number): Promise<ILogPiece> {
    return this.client.get<ILogPiece>(`${at(jobId)}/log`, { offset });
  }

  stop(jobId: string): Promise<IJobDetail> {
    return this.client.send<IJobDetail>(`${at(jobId)}/stop`, {});
  }

  retry(jobId: string): Promise<IJobDetail> {
    return this.client.send<IJobDetail>(`${at(jobId)}/retry`, {});
  }
}

function at(jobId: string): string {
  return `jobs/${encodeURIComponent(jobId)}`;
}
