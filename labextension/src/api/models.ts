/** Registered models with their versions, and the endpoints that serve them. */
import type { Client } from './client';
import type { IModelVersion as IVersionHead } from './run';

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

export type Stage = (typeof STAGES)[number];

export interface IVersion extends IVersionHead {
  stage: Stage;
  run_name: string | null;
}

export interface IModel {
  name: string;
  description: string;
  aliases: Record<string, string>;
  latest_version: string | null;
  /** The oldest first. */
  versions: IVersion[];
}

/** A column or an array of a model's signature. */
export interface IField {
  name: string | null;
  type: string;
  required: boolean;
  /** Of an array; null for a column. */
  shape: number[] | null;
  default: unknown;
}

export interface ISignature {
  inputs: IField[] | null;
  outputs: IField[] | null;
  params: IField[] | null;
}

export type EndpointState = 'starting' | 'ready' | 'failed' | 'stopped';

export interface IEndpoint {
  name: string;
  model_uri: string;
  model: string | null;
  version: string | null;
  state: EndpointState;
  started: number | null;
  error: string | null;
  /** The path that takes requests, from the root of the server's host. */
  url: string;
  signature: ISignature | null;
}

export class ModelsApi {
  constructor(private readonly client: Client) {}

  async models(): Promise<IModel[]> {
    return (await this.client.get<{ models: IModel[] }>('models')).models;
  }

  /** Move a version to another stage. */
  stage({ name, version }: IVersion, stage: Stage): Promise<unknown> {
    const path = `models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
    return this.client.send(path, { stage }, 'PATCH');
  }

  /** Let an alias name a version, and no more the one that it named before. */
  setAlias({ name, version }: IVersion, alias: string): Promise<unknown> {
    return this.client.send(aliasPath(name, alias), { version }, 'PUT');
  }

  dropAlias(model: string, alias: string): Promise<unknown> {
    return this.client.send(aliasPath(model, alias), undefined, 'DELETE');
  }

  async endpoints(): Promise<IEndpoint[]> {
    return (await this.client.get<{ endpoints: IEndpoint[] }>('endpoints')).endpoints;
  }

  /** Serve a model under a name, in the place of what is served there now. */
  serve(modelUri: string, name: string): Promise<unknown> {
    return this.client.send('endpoints', { model_uri: modelUri, name });
  }

  /** Start again what was stopped or has failed, as it was. */
  start(name: string): Promise<unknown> {
    return this.client.send(`endpoints/${encodeURIComponent(name)}/start`, {});
  }

  stop(name: string): Promise<unknown> {
    return this.client.send(`endpoints/${encodeURIComponent(name)}/stop`, {});
  }

  /** Ask an endpoint for predictions. */
  predict({ url }: IEndpoint, body: unknown): Promise<unknown> {
    return this.client.sendTo(url, body);
  }
}

function aliasPath(model: string, alias: string): string {
  return `models/${encodeURIComponent(model)}/aliases/${encodeURIComponent(alias)}`;
}
