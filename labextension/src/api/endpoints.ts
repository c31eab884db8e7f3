/** One endpoint: its workers and figures, and what can be done with it. */
import type { Client } from './client';
import type { IEndpoint } from './models';

export interface ITarget {
  model_uri: string;
  weight: number;
}

export interface IConfig {
  workers: number;
  batch_size: number;
  batch_wait_ms: number;
  max_queue: number;
  deadline_s: number;
  /** In bytes. */
  max_body: number;
  max_memory_mb: number | null;
  /** The header whose value decides who answers. */
  sticky: string | null;
  targets: ITarget[];
}

/** What an older server does not tell is not there. */
export interface IEndpointRecord extends IEndpoint {
  revision?: number;
  config?: IConfig;
}

export interface IWorker {
  id: number;
  pid: number;
  state: 'starting' | 'ready' | 'draining' | 'backing-off';
  revision: number;
  started: number;
  requests: number;
  errors: number;
  in_flight: number;
  /** In bytes. */
  memory: number | null;
  restarts: number;
  /** Why the one before it in its place ended. */
  error: string | null;
}

/** One second in which something was answered; latencies in milliseconds. */
export interface IPoint {
  t: number;
  requests: number;
  errors: number;
  refused: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface IStats {
  period: number;
  totals: { requests: number; errors: number; refused: number };
  /** The oldest first; a second without requests has none. */
  points: IPoint[];
}

export interface IRevision {
  revision: number;
  config: IConfig;
  created: number;
  user: string;
  state: 'live' | 'old' | 'failed';
  error: string | null;
}

export interface IKey {
  id: string;
  name: string;
  scope: 'predict' | 'read';
  created: number;
  expires: number | null;
}

export interface INewKey {
  name: string;
  scope: IKey['scope'];
  days: number | null;
}

export const LANGUAGES = ['curl', 'python', 'javascript'] as const;

export type Snippets = Record<(typeof LANGUAGES)[number], string>;

export class EndpointsApi {
  constructor(private readonly client: Client) {}

  /** The endpoint; null if there is none of this name. */
  async endpoint(name: string): Promise<IEndpointRecord | null> {
    const { endpoints } = await this.client.get<{ endpoints: IEndpointRecord[] }>('endpoints');
    return endpoints.find(one => one.name === name) ?? null;
  }

  async workers(name: string): Promise<IWorker[]> {
    return (await this.client.get<{ workers: IWorker[] }>(at(name, 'workers'))).workers;
  }

  stats(name: string, seconds: number): Promise<IStats> {
    return this.client.get<IStats>(at(name, 'stats'), { seconds });
  }

  async log(name: string, lines: number): Promise<string[]> {
    return (await this.client.get<{ lines: string[] }>(at(name, 'log'), { lines })).lines;
  }

  async revisions(name: string): Promise<IRevision[]> {
    return (await this.client.get<{ revisions: IRevision[] }>(at(name, 'revisions'))).revisions;
  }

  /** Serve otherwise: what is not given stays. */
  change(name: string, edit: Partial<IConfig>): Promise<unknown> {
    return this.client.send(`endpoints/${encodeURIComponent(name)}`, edit, 'PATCH');
  }

  /** Which model answers which share of the requests. */
  setTraffic(name: string, targets: ITarget[], sticky: string | null): Promise<unknown> {
    return this.client.send(at(name, 'traffic'), { targets, sticky }, 'PUT');
  }

  /** Go back to what another revision was. */
  rollback(name: string, revision: number): Promise<unknown> {
    return this.client.send(at(name, 'rollback'), { revision });
  }

  async keys(name: string): Promise<IKey[]> {
    return (await this.client.get<{ keys: IKey[] }>(at(name, 'keys'))).keys;
  }

  /** Make a key; returns its secret, which nobody can read again. */
  async createKey(name: string, key: INewKey): Promise<string> {
    return (await this.client.send<{ secret: string }>(at(name, 'keys'), key)).secret;
  }

  deleteKey(name: string, { id }: IKey): Promise<unknown> {
    const path = `${at(name, 'keys')}/${encodeURIComponent(id)}`;
    return this.client.send(path, undefined, 'DELETE');
  }

  snippets(name: string): Promise<Snippets> {
    return this.client.get<Snippets>(at(name, 'snippets'));
  }
}

function at(name: string, part: string): string {
  return `endpoints/${encodeURIComponent(name)}/${part}`;
}
