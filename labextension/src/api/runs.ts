/** Experiments, runs and the histories of their metrics. */
import type {
  IExperiment,
  IKeys,
  IProgress,
  IRunPage,
  IRunQuery,
  IRunsApi,
  ISeries
} from '../tokens';
import type { Client } from './client';
import { JobsApi } from './jobs';

/** What could stand at the cursor of the search box. */
export interface IMatch {
  text: string;
  kind: string;
}

/** Places count characters, not UTF-16 units. */
export interface ICompletion {
  matches: IMatch[];
  start: number;
  end: number;
  error: { message: string; position: number } | null;
}

export class RunsApi implements IRunsApi {
  constructor(private readonly client: Client) {
    this.jobs = new JobsApi(client);
  }

  async experiments(): Promise<IExperiment[]> {
    const answer = await this.client.get<{ experiments: IExperiment[] }>('experiments');
    return answer.experiments;
  }

  runs({ experimentId, filter, view, maxResults }: IRunQuery): Promise<IRunPage> {
    const query = { experiment_id: experimentId, filter: filter || null, view };
    return this.client.get<IRunPage>('runs', { ...query, max_results: maxResults });
  }

  keys(experimentId: string | null): Promise<IKeys> {
    return this.client.get<IKeys>('keys', { experiment_id: experimentId });
  }

  complete(text: string, position: number, experimentId: string | null): Promise<ICompletion> {
    const query = { text, position, experiment_id: experimentId };
    return this.client.get<ICompletion>('complete', query);
  }

  async history(runIds: readonly string[], key: string, points: number): Promise<ISeries[]> {
    const body = { run_ids: runIds, keys: [key], points };
    return (await this.client.send<{ series: ISeries[] }>('history', body)).series;
  }

  async progress(): Promise<ReadonlyMap<string, IProgress>> {
    const runs = await this.jobs.progress();
    return new Map(runs.flatMap(run => (run.run_id === null ? [] : [[run.run_id, run]])));
  }

  private readonly jobs: JobsApi;
}
