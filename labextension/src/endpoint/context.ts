/** What the components of an endpoint's page share. */
import { createContext, useContext } from 'react';

import type { EndpointsApi, IEndpointRecord } from '../api/endpoints';
import type { ModelsApi } from '../api/models';
import { attempt } from '../common/attempt';
import { useLive } from '../common/context';
import type { RecordModel } from '../common/record';

export interface IEndpointPage {
  readonly name: string;
  readonly endpoints: EndpointsApi;
  readonly served: ModelsApi;
  readonly model: RecordModel<IEndpointRecord | null>;
  open(kind: string, state: Record<string, string>): void;
}

export const EndpointPageContext = createContext<IEndpointPage | null>(null);

export function useEndpointPage(): IEndpointPage {
  const page = useContext(EndpointPageContext);
  if (page === null) {
    throw new Error('This component belongs inside an EndpointPageContext.');
  }
  return page;
}

/** The endpoint; only below `EndpointView`, which waits for it. */
export function useEndpoint(): IEndpointRecord {
  const { record } = useLive(useEndpointPage().model);
  if (record === null) {
    throw new Error('This component is drawn when the endpoint is known.');
  }
  return record;
}

/** Do what was asked for, then ask how the endpoint is now; returns whether it was done. */
export function useAct(): (work: () => Promise<unknown>) => Promise<boolean> {
  const { model } = useEndpointPage();
  return async work => {
    const isDone = await attempt(work);
    model.invalidate();
    return isDone;
  };
}
