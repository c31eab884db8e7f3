/** Where the list's runs come from: those of the notebook in front, then all that were asked for. */
import { isSameNotebook } from '../notebook/paths';
import type { IExperiment, IKeys, IProgress, IRun, IRunQuery, IRunsApi } from '../tokens';

const NONE: ReadonlyMap<string, IProgress> = new Map();

export interface IFound {
  runs: IRun[];
  ownCount: number;
  hasOlder: boolean;
}

export class RunSource {
  constructor(private readonly api: IRunsApi) {}

  async list(query: IRunQuery, notebook: string | null): Promise<IFound> {
    const ofNotebook = notebook === null ? null : both(query.filter, notebookFilter(notebook));
    const [page, own] = await Promise.all([
      this.api.runs(query),
      ofNotebook === null ? null : this.api.runs({ ...query, filter: ofNotebook })
    ]);
    const first = (own?.runs ?? []).filter(run => isOf(run, notebook ?? ''));
    const ids = new Set(first.map(run => run.info.run_id));
    const others = page.runs.filter(run => !ids.has(run.info.run_id));
    const hasOlder = page.next_page_token !== null;
    return { runs: [...first, ...others], ownCount: first.length, hasOlder };
  }

  /**
   * What the runs have; asked again when there are other runs, or more is known of those listed.
   * That others are listed, by another filter, is no news.
   */
  async keys(
    experimentId: string | null,
    experiments: readonly IExperiment[],
    listed: readonly IRun[],
    filter: string
  ): Promise<IKeys> {
    const counts = experiments.map(one => `${one.experiment_id}:${one.run_count}`);
    const runs = [experimentId, ...counts].join();
    const count = listed.reduce((sum, run) => sum + run.metrics.length + run.params.length, 0);
    const { known } = this;
    const isNews = known?.runs !== runs || (known.filter === filter && known.count !== count);
    const keys = isNews ? await this.api.keys(experimentId) : known.keys;
    this.known = { runs, filter, count, keys };
    return keys;
  }

  /** How far the listed runs are that run in the background. */
  async progress(listed: readonly IRun[]): Promise<ReadonlyMap<string, IProgress>> {
    const isAnyRunning = listed.some(({ info }) => info.status === 'RUNNING');
    return isAnyRunning ? this.api.progress() : NONE;
  }

  private known: { runs: string; filter: string; count: number; keys: IKeys } | null = null;
}

/** The filter for runs of a notebook, which its kernel may know by a longer path; null if none can say it. */
export function notebookFilter(path: string): string | null {
  const quote = ["'", '"'].find(mark => !path.includes(mark));
  return quote === undefined ? null : `attributes.notebook LIKE ${quote}%${path}${quote}`;
}

/** What fulfils both filters; null where the second cannot be said. */
function both(filter: string, other: string | null): string | null {
  return filter && other ? `(${filter}) AND ${other}` : other;
}

function isOf(run: IRun, path: string): boolean {
  return run.info.notebook !== null && isSameNotebook(run.info.notebook, path);
}
