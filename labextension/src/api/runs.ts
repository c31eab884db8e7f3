/** Experiments, runs and the histories of their metrics. */
import type { IExperiment, IRunPage, IRunsApi, ISeries } from '../tokens';
import type { Client } from './client';

export class RunsApi implements IRunsApi {
  constructor(private readonly client: Client) {}

  async experiments(): Promise<IExperiment[]> {
    const answer = await this.client.get<{ experiments: IExperiment[] }>('experiments');
    return answer.experiments;
  }

  runs(experimentId: string | null, maxResults: number): Promise<IRunPage> {
    const query = { max_results: maxResults, experiment_id: experimentId };
    return this.client.get<IRunPage>('runs', query);
  }

  async history(runIds: readonly string[], key: string, points: number): Promise<ISeries[]> {
    const body = { run_ids: runIds, keys: [key], points };
    return (await this.client.send<{ series: ISeries[] }>('history', body)).series;
  }
}
