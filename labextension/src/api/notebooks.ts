/** The notebooks below the server's root, and what is being executed in the background. */
import type { Client } from './client';

export interface INotebookFile {
  path: string;
  modified: number;
}

/** What the list of running jobs shows of one. */
export interface IRunningJob {
  job_id: string;
  kind: 'notebook' | 'reproduction' | 'rerun';
  name: string;
  notebook: string | null;
  stopping: boolean;
  cells_done: number;
  cells_total: number;
}

export interface INotebookPage {
  notebooks: INotebookFile[];
  truncated: boolean;
}

export class NotebooksApi {
  constructor(private readonly client: Client) {}

  notebooks(): Promise<INotebookPage> {
    return this.client.get<INotebookPage>('notebooks');
  }

  /** The jobs that have not ended. */
  async running(): Promise<IRunningJob[]> {
    const query = { state: ['queued', 'running'] };
    return (await this.client.get<{ jobs: IRunningJob[] }>('jobs', query)).jobs;
  }

  stop(jobId: string): Promise<unknown> {
    return this.client.send(`jobs/${encodeURIComponent(jobId)}/stop`, {});
  }
}
