import type { TranslationBundle } from '@jupyterlab/translation';
import React, { createContext, useContext, useEffect, useState } from 'react';

import { ApiError } from '../api/client';
import type { IWakeable } from './attended';
import { useLive, useServices } from './context';
import { ErrorState } from './ErrorState';
import { Resource } from './resource';

/** The page that keeps awake what is mounted in it, as long as it is in sight. */
export const PageContext = createContext<{ attend(model: IWakeable): () => void } | null>(null);

interface IAskedProps<T> {
  /** It is asked anew when this function is another one. */
  load: () => Promise<T>;
  /** In milliseconds: ask again and again, while it is in sight. */
  every?: number;
  children: (data: T, ask: () => void) => React.ReactNode;
}

/** What the server says, drawn; until then that it is asked, or why it has no answer. */
export function Asked<T>({ load, every, children }: IAskedProps<T>): React.JSX.Element {
  const { trans } = useServices();
  const page = useContext(PageContext);
  const [loader, setLoader] = useState(() => load);
  const [resource, setResource] = useState(() => new Resource(() => offered(load, trans)));
  if (loader !== load) {
    setLoader(() => load);
    setResource(new Resource(() => offered(load, trans)));
  }
  useEffect(() => page?.attend(resource), [page, resource]);
  useEffect(() => {
    if (every !== undefined) {
      const timer = setInterval(() => resource.active && resource.invalidate(), every);
      return () => clearInterval(timer);
    }
  }, [resource, every]);
  const { ready, error, data } = useLive(resource);
  if (error !== null) {
    return <ErrorState message={error} retry={() => resource.invalidate()} />;
  }
  if (!ready || data === null) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  return <>{children(data, () => resource.invalidate())}</>;
}

/** Ask; what an older server does not know is told in a sentence. */
async function offered<T>(load: () => Promise<T>, trans: TranslationBundle): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof ApiError && error.isUnknownRoute) {
      throw new ApiError(trans.__('The nbtrail of this server does not offer this yet.'), 404);
    }
    throw error;
  }
}
