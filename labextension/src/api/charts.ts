/** Runs as a table, their metrics as charts, and what is different between two of them. */
import type { IKeys, ISeries, RunStatus, WireNumber } from '../tokens';
import type { Client } from './client';

export interface ITableQuery {
  experiment_ids: readonly string[];
  filter: string;
  order_by: readonly string[];
  /** `metrics.KEY`, `params.KEY`, `tags.KEY` or `attributes.NAME`. */
  columns: readonly string[];
  group_by: string | null;
  limit: number;
}

/** What is known of each run, in columns of equal length. */
export interface IRunColumns {
  run_id: string[];
  experiment_id: string[];
  name: string[];
  status: RunStatus[];
  start: number[];
  end: (number | null)[];
  notebook: (string | null)[];
  verdict: (string | null)[];
  reproduction: (string | null)[];
  star: boolean[];
  color: (string | null)[];
}

/** A number, a word for one that JSON lacks, or a text; null where the run has none. */
export type Cell = number | string | null;

export interface ITable {
  /** How many runs the filter leaves, on all pages. */
  total: number;
  runs: IRunColumns;
  columns: Record<string, Cell[]>;
  groups: { value: string | null; runs: number }[] | null;
}

/** What is asked of the histories of metrics; a part of the axis for a zoom. */
export interface IHistoryQuery {
  run_ids: readonly string[];
  keys: readonly string[];
  points: number;
  x: string;
  first_x?: number;
  last_x?: number;
}

/** A history over an axis of choice. */
export interface IHistory extends ISeries {
  x: (WireNumber | null)[];
  /** How many points each entry stands for. */
  count: number[];
}

export interface IGroupsQuery {
  run_ids: readonly string[];
  key: string;
  group_by: string;
  x: string;
  points: number;
}

/** A metric over the runs of a group, in columns. */
export interface IGroup {
  group: string | null;
  run_ids: string[];
  x: (WireNumber | null)[];
  /** How many runs have a point there. */
  runs: number[];
  count: number[];
  mean: (WireNumber | null)[];
  std: (WireNumber | null)[];
  low: (WireNumber | null)[];
  high: (WireNumber | null)[];
}

export interface IParamImportance {
  key: string;
  /** From 0 to 1. */
  importance: number;
  correlation: number | null;
  kind: 'number' | 'category';
  n: number;
}

export interface IImportance {
  metric: string;
  n: number;
  params: IParamImportance[];
  /** Why nothing can be said, in a sentence. */
  refused: string | null;
}

export interface IChange {
  key: string;
  a: unknown;
  b: unknown;
}

export interface ICellChange {
  kind: 'same' | 'edited' | 'added' | 'removed';
  /** Its first line. */
  title: string;
  place_a: number | null;
  place_b: number | null;
  moved: boolean;
  /** The lines of a unified diff. */
  source: string[];
  outputs: { what: string; diff: string[] }[];
}

export interface IDiff {
  params: IChange[];
  metrics: IChange[];
  cells: ICellChange[];
  packages: IChange[];
  data: IChange[];
  git: IChange[];
}

export class ChartsApi {
  constructor(private readonly client: Client) {}

  table({ experiment_ids, ...query }: ITableQuery): Promise<ITable> {
    const among = experiment_ids.length > 0 ? { experiment_ids } : {};
    return this.client.send<ITable>('table', { ...query, ...among });
  }

  keys(experimentIds: readonly string[]): Promise<IKeys> {
    return this.client.get<IKeys>('keys', { experiment_id: experimentIds });
  }

  async history(query: IHistoryQuery): Promise<IHistory[]> {
    return (await this.client.send<{ series: IHistory[] }>('history', query)).series;
  }

  async groups(query: IGroupsQuery): Promise<IGroup[]> {
    return (await this.client.send<{ groups: IGroup[] }>('groups', query)).groups;
  }

  importance(
    experiment_ids: readonly string[],
    filter: string,
    metric: string
  ): Promise<IImportance> {
    const among = experiment_ids.length > 0 ? { experiment_ids } : {};
    return this.client.send<IImportance>('importance', { ...among, filter, metric });
  }

  diff(a: string, b: string): Promise<IDiff> {
    return this.client.get<IDiff>('diff', { a, b });
  }
}
