import React, { useCallback, useSyncExternalStore } from 'react';

import { useServices } from './context';

/** Says while the server does not answer that what is shown may be out of date. */
export function LostNote(): React.JSX.Element | null {
  const { connection, trans } = useServices();
  const subscribe = useCallback(
    (listener: () => void) => {
      connection.changed.connect(listener);
      return () => void connection.changed.disconnect(listener);
    },
    [connection]
  );
  const isThere = useSyncExternalStore(subscribe, () => connection.isThere);
  return isThere ? null : (
    <p className="nbtrail-Lost" role="status" data-testid="nbtrail-lost">
      {trans.__(
        'The Jupyter server does not answer. This is what it said last; it is asked again by itself.'
      )}
    </p>
  );
}
