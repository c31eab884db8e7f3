/** One run: its record, what may be changed of it, and the work that can be started from it. */
import type { IRun, IRunInfo, ISeries, RunStatus } from '../tokens';
import type { Client } from './client';

export interface IDataset {
  name: string;
  digest: string;
  source_type: string;
  source: string;
  /** JSON texts, as on MLflow's wire. */
  schema: string | null;
  profile: string | null;
}

export interface IDatasetInput {
  dataset: IDataset;
  tags: { key: string; value: string }[];
  /** The cell execution that linked it. */
  execution: number | null;
}

export interface IModelOutput {
  model_id: string;
  step: number;
}

export interface IRunDetail extends IRun {
  info: IRunInfo & {
    lifecycle_stage: 'active' | 'deleted';
    user_id: string | null;
    artifact_uri: string;
  };
  datasets: IDatasetInput[];
  models: IModelOutput[];
}

/** What is given stays given; a tag that is null is deleted. */
export interface IRunChange {
  name?: string;
  note?: string;
  tags?: Record<string, string | null>;
  star?: boolean;
  color?: string | null;
}

export interface IRelative {
  run_id: string;
  name: string;
  status: RunStatus;
  start: number;
  end: number | null;
}

export interface IRelatives {
  parent: IRelative | null;
  children: IRelative[];
}

/** One entry of the audit; `before` and `after` are any JSON. */
export interface IEdit {
  at: number;
  who: string;
  action: string;
  key: string | null;
  before: unknown;
  after: unknown;
}

/** Documents by kind: `git`, `packages`, `system`, `hardware`, `reproduction` … */
export type RunContext = Record<string, Record<string, unknown>>;

/** A parameter of what a run executed; `value` is what it had, as JSON. */
export interface IParameter {
  name: string;
  type: string | null;
  default: string | null;
  value: unknown;
  help: string | null;
  choices: unknown[] | null;
}

export interface IForm {
  parameters: IParameter[];
  /** Why it cannot be executed, in one sentence. */
  problem: string | null;
}

export interface IStartedJob {
  job: { job_id: string; name: string };
}

export interface IModelVersion {
  name: string;
  version: string;
  run_id: string | null;
  model_id: string | null;
  stage: string | null;
  aliases: string[];
  flavor: string | null;
}

export interface IRegisteredModel {
  name: string;
  versions: IModelVersion[];
}

export class RunApi {
  constructor(private readonly client: Client) {}

  async run(runId: string): Promise<IRunDetail> {
    return (await this.client.get<{ run: IRunDetail }>(at(runId))).run;
  }

  async change(runId: string, change: IRunChange): Promise<IRunDetail> {
    return (await this.client.send<{ run: IRunDetail }>(at(runId), change, 'PATCH')).run;
  }

  async delete(runIds: readonly string[]): Promise<void> {
    await this.client.send('runs/delete', { run_ids: runIds });
  }

  async restore(runIds: readonly string[]): Promise<void> {
    await this.client.send('runs/restore', { run_ids: runIds });
  }

  relatives(runId: string): Promise<IRelatives> {
    return this.client.get<IRelatives>(at(runId, 'children'));
  }

  async audit(runId: string): Promise<IEdit[]> {
    return (await this.client.get<{ edits: IEdit[] }>(at(runId, 'audit'))).edits;
  }

  async context(runId: string): Promise<RunContext> {
    return (await this.client.get<{ context: RunContext }>(at(runId, 'context'))).context;
  }

  /** The histories of some of its metrics, each in at most so many buckets. */
  async histories(runId: string, keys: readonly string[], points: number): Promise<ISeries[]> {
    const body = { run_ids: [runId], keys, points };
    return (await this.client.send<{ series: ISeries[] }>('history', body)).series;
  }

  /** The latest run that reproduces this one; null if none does. */
  async reproductionOf(runId: string): Promise<IRunDetail | null> {
    const filter = `tags.nbtrail.reproduces = '${runId}'`;
    const query = { filter, order_by: 'attributes.start_time DESC', max_results: 1 };
    return (await this.client.get<{ runs: IRunDetail[] }>('runs', query)).runs[0] ?? null;
  }

  parameters(runId: string): Promise<IForm> {
    return this.client.get<IForm>(at(runId, 'parameters'));
  }

  reproduce(runId: string): Promise<IStartedJob> {
    return this.client.send<IStartedJob>(at(runId, 'reproduce'), {});
  }

  rerun(runId: string, parameters: Record<string, unknown>): Promise<IStartedJob> {
    return this.client.send<IStartedJob>(at(runId, 'rerun'), { parameters });
  }

  /** Write the notebook restored from the trail; returns its path below the server's root. */
  async restoreNotebook(runId: string): Promise<string> {
    return (await this.client.send<{ path: string }>(at(runId, 'notebook'), {})).path;
  }

  async models(): Promise<IRegisteredModel[]> {
    return (await this.client.get<{ models: IRegisteredModel[] }>('models')).models;
  }

  async register(modelId: string, name: string): Promise<IModelVersion> {
    const body = { model_uri: `models:/${modelId}`, name };
    return (await this.client.send<{ version: IModelVersion }>('models', body)).version;
  }
}

function at(runId: string, part = ''): string {
  const run = `runs/${encodeURIComponent(runId)}`;
  return part ? `${run}/${part}` : run;
}
