/** One registered model: its versions in full, what is changed of them, and what became of it. */
import type { IRun } from '../tokens';
import { type Client, type Query } from './client';
import type { IModel, ISignature, IVersion, Stage } from './models';

export interface IVersionRecord extends IVersion {
  creation_timestamp: number;
  source: string;
  /** In Markdown: the notes on the version's card. */
  description: string;
  tags: Record<string, string>;
  /** What an older server does not tell. */
  algorithm?: string | null;
  size?: number | null;
}

export interface IModelRecord extends Omit<IModel, 'versions'> {
  tags: Record<string, string>;
  creation_timestamp: number;
  /** The oldest first. */
  versions: IVersionRecord[];
}

/** Where a version comes from. */
export interface IOrigin {
  run_id: string | null;
  run_name: string | null;
  experiment: string | null;
  notebook: string | null;
  cell: { execution: number; execution_count: number | null; source: string } | null;
  datasets: { name: string; digest: string; context: string | null }[];
  commit: string | null;
  repository: string | null;
  dirty: boolean | null;
}

export interface IVersionDetails {
  version: IVersionRecord;
  signature: ISignature | null;
  flavors: string[];
  size: number | null;
  /** Why its files say nothing. */
  trouble: string | null;
  origin?: IOrigin;
}

/** One entry of the audit; `before` and `after` are any JSON. */
export interface IChange {
  id: number;
  at: number;
  who: string;
  action: string;
  version: string | null;
  key: string | null;
  before: unknown;
  after: unknown;
  reason: string | null;
}

export interface IHistory {
  /** The newest first. */
  changes: IChange[];
  more: boolean;
}

export interface ISection {
  title: string;
  note: string | null;
  rows: {
    key: string;
    left: string | null;
    right: string | null;
    change: 'same' | 'changed' | 'added' | 'removed';
  }[];
}

/** What may be changed; a tag that is null is deleted. */
export interface IEdit {
  description?: string;
  tags?: Record<string, string | null>;
  stage?: Stage;
  reason?: string;
}

/** The value of a metric of the run that made a version. */
export type RunMetrics = ReadonlyMap<string, IRun['metrics']>;

export class RegistryApi {
  constructor(private readonly client: Client) {}

  async model(name: string): Promise<IModelRecord> {
    return (await this.client.get<{ model: IModelRecord }>(at(name))).model;
  }

  version(name: string, version: string): Promise<IVersionDetails> {
    return this.client.get<IVersionDetails>(versionAt(name, version));
  }

  /** What a version's card tells below its notes, in Markdown. */
  async facts(name: string, version: string): Promise<string> {
    const path = `${versionAt(name, version)}/card`;
    return (await this.client.get<{ facts: string }>(path)).facts;
  }

  history(name: string, before?: number): Promise<IHistory> {
    return this.client.get<IHistory>(`${at(name)}/history`, { before });
  }

  async compare(name: string, left: string, right: string): Promise<ISection[]> {
    const query: Query = { left, right };
    const path = `${at(name)}/compare`;
    return (await this.client.get<{ sections: ISection[] }>(path, query)).sections;
  }

  /** The metrics of runs, by run; of those that are gone, none. */
  async metrics(runIds: readonly string[]): Promise<RunMetrics> {
    const runs = await Promise.all(
      runIds.map(runId =>
        this.client.get<{ run: IRun }>(`runs/${encodeURIComponent(runId)}`).then(
          ({ run }) => run,
          () => null
        )
      )
    );
    return new Map(
      runs.flatMap(run => (run === null ? [] : [[run.info.run_id, run.metrics] as const]))
    );
  }

  change(name: string, edit: IEdit): Promise<unknown> {
    return this.client.send(at(name), edit, 'PATCH');
  }

  changeVersion(name: string, version: string, edit: IEdit): Promise<unknown> {
    return this.client.send(versionAt(name, version), edit, 'PATCH');
  }

  rename(name: string, newName: string): Promise<unknown> {
    return this.client.send(`${at(name)}/rename`, { new_name: newName });
  }

  /** Make a version the next one of another model; returns what it is there. */
  async copy(name: string, version: string, to: string): Promise<IVersionRecord> {
    const path = `${versionAt(name, version)}/copy`;
    return (await this.client.send<{ version: IVersionRecord }>(path, { name: to })).version;
  }

  /** Take a model, or one of its versions, out of the registry. */
  remove(name: string, version?: string): Promise<unknown> {
    return this.client.send(placeOf(name, version), undefined, 'DELETE');
  }

  /** Undo `remove`. */
  restore(name: string, version?: string): Promise<unknown> {
    return this.client.send(`${placeOf(name, version)}/restore`, {});
  }

  setAlias(name: string, alias: string, version: string): Promise<unknown> {
    return this.client.send(aliasAt(name, alias), { version }, 'PUT');
  }

  dropAlias(name: string, alias: string): Promise<unknown> {
    return this.client.send(aliasAt(name, alias), undefined, 'DELETE');
  }
}

function at(name: string): string {
  return `models/${encodeURIComponent(name)}`;
}

function versionAt(name: string, version: string): string {
  return `${at(name)}/versions/${encodeURIComponent(version)}`;
}

function placeOf(name: string, version?: string): string {
  return version === undefined ? at(name) : versionAt(name, version);
}

function aliasAt(name: string, alias: string): string {
  return `${at(name)}/aliases/${encodeURIComponent(alias)}`;
}
