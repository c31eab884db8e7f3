import React from 'react';

import { ErrorState } from '../../common/ErrorState';
import { useServices } from '../../common/context';
import type { Resource } from '../../common/resource';
import type { Follows } from '../model';
import { useResource } from '../context';

interface ILoadedProps<T> {
  load: () => Promise<T>;
  /** What may change it; the run if left out. */
  follows?: Follows;
  children: (data: T, resource: Resource<T>) => React.ReactNode;
}

/** What the server says, drawn; until then that it is asked, or why it has no answer. */
export function Loaded<T>({ load, follows, children }: ILoadedProps<T>): React.JSX.Element {
  const { trans } = useServices();
  const [{ ready, error, data }, resource] = useResource(load, follows);
  if (error !== null) {
    return <ErrorState message={error} retry={() => resource.invalidate()} />;
  }
  if (!ready || data === null) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  return <>{children(data, resource)}</>;
}
