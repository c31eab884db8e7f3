/** What the components of a registered model's page share. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { createContext, useContext } from 'react';

import type { Client } from '../api/client';
import type { ModelsApi } from '../api/models';
import type { IModelRecord, IVersionRecord, RegistryApi } from '../api/registry';
import { attempt } from '../common/attempt';
import { useLive } from '../common/context';
import type { RecordModel } from '../common/record';
import type { ITools } from '../run/context';

export interface IModelPage {
  readonly name: string;
  readonly client: Client;
  readonly registry: RegistryApi;
  readonly served: ModelsApi;
  readonly tools: ITools & { rendermime: IRenderMimeRegistry };
  readonly model: RecordModel<IModelRecord>;
  /** The version that most tabs are about, and the one that it is compared with. */
  readonly place: { version: string | null; other: string | null };
  go(place: { tab?: string; version?: string; other?: string | null }): void;
  open(kind: string, state: Record<string, string>): void;
  close(): void;
}

export const ModelPageContext = createContext<IModelPage | null>(null);

export function useModelPage(): IModelPage {
  const page = useContext(ModelPageContext);
  if (page === null) {
    throw new Error('This component belongs inside a ModelPageContext.');
  }
  return page;
}

/** The model; only below `ModelView`, which waits for it. */
export function useModel(): IModelRecord {
  const { record } = useLive(useModelPage().model);
  if (record === null) {
    throw new Error('This component is drawn when the model is known.');
  }
  return record;
}

/** The version that is looked at: the one that was chosen, else the latest; null if there is none. */
export function useVersion(): IVersionRecord | null {
  const { versions } = useModel();
  const { version } = useModelPage().place;
  return versions.find(one => one.version === version) ?? versions.at(-1) ?? null;
}

/** Do what was asked for, then ask what the model is now; returns whether it was done. */
export function useAct(): (work: () => Promise<unknown>) => Promise<boolean> {
  const { model } = useModelPage();
  return async work => {
    const isDone = await attempt(work);
    model.invalidate();
    return isDone;
  };
}
