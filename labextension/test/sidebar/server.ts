import type { IKeys, IProgress, IRun, IRunQuery, IRunsApi } from '../../src/tokens';
import { aSeries, anExperiment } from '../records';

/** A server in memory that counts what it is asked. */
export class FakeServer implements IRunsApi {
  runList: IRun[] = [];
  hasOlder = false;
  failure: Error | null = null;
  readonly asked: IRunQuery[] = [];
  keysAsked = 0;
  readonly historiesAsked: string[][] = [];

  async experiments() {
    return [anExperiment('1'), anExperiment('2')];
  }

  async keys(): Promise<IKeys> {
    this.keysAsked += 1;
    const metrics = [{ key: 'loss', runs: this.runList.length, distinct: 2 }];
    return { runs: this.runList.length, params: [], metrics, tags: [] };
  }

  async runs(query: IRunQuery) {
    this.asked.push(query);
    if (this.failure) {
      throw this.failure;
    }
    return { runs: this.runList, next_page_token: this.hasOlder ? 'next' : null };
  }

  readonly progressOf = new Map<string, IProgress>();

  async progress() {
    return this.progressOf;
  }

  async history(runIds: readonly string[], key: string) {
    this.historiesAsked.push([...runIds]);
    return this.runList
      .filter(run => runIds.includes(run.info.run_id))
      .map(run => aSeries(run.info.run_id, key, Array(run.metrics[0].count).fill(1)));
  }
}
