/** The trail of a run, what is to be thought of it, and the graph that it makes. */
import type { IOutput } from '@jupyterlab/nbformat';

import type { Client } from './client';

export type CellStatus = 'running' | 'ok' | 'error' | 'interrupted' | 'killed';
export type VerdictWord = 'linear' | 'out-of-order' | 'stale-inputs' | 'hidden-state' | 'unknown';
export type Outcome = 'identical' | 'within tolerance' | 'diverged' | 'could not run';

export interface IFinding {
  kind: VerdictWord | 'note';
  text: string;
}

/** One cell as it ran, without its outputs. */
export interface IExecution {
  id: number;
  ordinal: number;
  cell_id: string | null;
  source: string;
  execution_count: number | null;
  started: number;
  /** In seconds; null while it runs. */
  duration: number | null;
  status: CellStatus;
  error: string | null;
  role: 'own' | 'prelude';
  tags: string[];
  /** Each name that was read, with the execution that had bound it. */
  reads: Record<string, number | null>;
  writes: string[];
  /** Why its names could not be told; null if they could. */
  opaque: string | null;
  output_count: number;
  params: string[];
  metrics: string[];
  artifacts: string[];
  models: string[];
  datasets: string[];
  findings: IFinding[];
}

export interface ITrail {
  executions: IExecution[];
  verdict: VerdictWord | null;
}

export interface IJudgement {
  verdict: {
    verdict: VerdictWord;
    findings: (IFinding & { executions: number[] })[];
    origin: string;
  } | null;
  reproduction: Outcome | null;
}

/** `run` stands for what gave a result when no cell did. */
export type NodeKind = 'run' | 'dataset' | 'cell' | 'metric' | 'model' | 'version' | 'endpoint';

export interface INode {
  id: string;
  kind: NodeKind;
  label: string;
  detail: string | null;
}

export interface ILineage {
  nodes: INode[];
  /** From one node's id to another's. */
  edges: [string, string][];
  truncated: boolean;
}

export class TrailsApi {
  constructor(private readonly client: Client) {}

  trail(runId: string): Promise<ITrail> {
    return this.client.get<ITrail>(`${at(runId)}/trail`, { outputs: false });
  }

  async outputs(runId: string, execution: number): Promise<IOutput[]> {
    const path = `${at(runId)}/executions/${execution}/outputs`;
    return (await this.client.get<{ outputs: IOutput[] }>(path)).outputs;
  }

  verdict(runId: string): Promise<IJudgement> {
    return this.client.get<IJudgement>(`${at(runId)}/verdict`);
  }

  lineage(runId: string): Promise<ILineage> {
    return this.client.get<ILineage>(`${at(runId)}/lineage`);
  }
}

function at(runId: string): string {
  return `runs/${encodeURIComponent(runId)}`;
}
