/** The histories of the charted metrics: of those in sight only, and again only as they grow. */
import type { ChartsApi, IGroup, IHistory, ITable } from '../api/charts';
import { LiveModel, type ILiveState } from '../common/live';
import type { IChoice } from './choice';
import { drawnRows, type ICompareState } from './model';

export interface IChartsState extends ILiveState {
  /** By metric, then by run. */
  readonly histories: ReadonlyMap<string, ReadonlyMap<string, IHistory>>;
  readonly groups: ReadonlyMap<string, readonly IGroup[]>;
}

/** Points that all lines of a chart have together, at most. */
const MOST_POINTS = 20_000;
const FEWEST_A_LINE = 100;
const MOST_A_LINE = 500;
const POINTS_OF_A_GROUP = 200;

type Compared = Pick<ICompareState, 'choice' | 'table'>;

/** A run with a history to ask for: under which key that is noted, and what then is. */
interface IGrown {
  readonly runId: string;
  readonly place: string;
  readonly stamp: string;
}

export class ChartsModel extends LiveModel<IChartsState> {
  constructor(
    private readonly api: ChartsApi,
    private readonly compared: () => Compared
  ) {
    super({ ready: false, error: null, histories: new Map(), groups: new Map() });
  }

  /**
   * Follow a metric: its chart is in sight.
   *
   * @returns what ends that
   */
  follow(key: string): () => void {
    this.followed.add(key);
    this.invalidate();
    return () => void this.followed.delete(key);
  }

  protected override async refresh(): Promise<void> {
    const { choice, table } = this.compared();
    if (table !== null) {
      const isGrouped = choice.grouped && choice.group_by !== null;
      await (isGrouped ? this.askGroups(choice, table) : this.askHistories(choice, table));
      this.update({ ready: true, error: null });
    }
  }

  private async askHistories(choice: IChoice, table: ITable): Promise<void> {
    const rows = drawnRows({ choice, table });
    const question = questionOf(choice, rows.length);
    const due = new Map<string, string[]>();
    const stamps = new Map<string, string>();
    for (const key of this.followed) {
      const grown = this.grown(key, rows, table, JSON.stringify(question));
      grown.forEach(({ place, stamp }) => stamps.set(place, stamp));
      if (grown.length > 0) {
        const together = JSON.stringify(grown.map(({ runId }) => runId));
        due.set(together, [...(due.get(together) ?? []), key]);
      }
    }
    const asked = [...due].map(async ([ids, keys]) =>
      this.take(keys, await this.api.history({ ...question, run_ids: JSON.parse(ids), keys }))
    );
    await Promise.all(asked);
    stamps.forEach((stamp, place) => this.stamps.set(place, stamp));
  }

  /** The runs whose history of a metric is not at hand, or has grown since. */
  private grown(key: string, rows: readonly number[], table: ITable, question: string): IGrown[] {
    const counts = table.columns[`metrics.${key}.count`] ?? [];
    return rows
      .filter(row => counts[row] !== null)
      .map(row => {
        const runId = table.runs.run_id[row];
        const place = JSON.stringify([key, runId]);
        return { runId, place, stamp: `${question} ${counts[row]}` };
      })
      .filter(({ place, stamp }) => this.stamps.get(place) !== stamp);
  }

  private take(keys: readonly string[], found: readonly IHistory[]): void {
    const histories = new Map(this.state.histories);
    for (const key of keys) {
      const own = new Map(histories.get(key));
      found.filter(one => one.key === key).forEach(one => own.set(one.run_id, one));
      histories.set(key, own);
    }
    this.update({ histories, ready: true, error: null });
  }

  private async askGroups(choice: IChoice, table: ITable): Promise<void> {
    const rows = drawnRows({ choice, table });
    const run_ids = rows.map(row => table.runs.run_id[row]);
    const group_by = choice.group_by ?? '';
    const asked = [...this.followed].map(async key => {
      const counts = rows.map(row => table.columns[`metrics.${key}.count`]?.[row] ?? null);
      const stamp = JSON.stringify([run_ids, group_by, choice.x, counts]);
      if (this.stamps.get(key) !== stamp) {
        const query = { run_ids, key, group_by, x: choice.x, points: POINTS_OF_A_GROUP };
        const found = await this.api.groups(query);
        this.stamps.set(key, stamp);
        this.update({ groups: new Map(this.state.groups).set(key, found) });
      }
    });
    await Promise.all(asked);
  }

  private readonly followed = new Set<string>();
  /** What was asked when a history came, and how many points it had; nothing before it came. */
  private readonly stamps = new Map<string, string>();
}

function questionOf({ x, range }: IChoice, lines: number) {
  const each = Math.floor(MOST_POINTS / Math.max(lines, 1));
  const points = Math.max(FEWEST_A_LINE, Math.min(MOST_A_LINE, each));
  return range === null ? { x, points } : { x, points, first_x: range[0], last_x: range[1] };
}
