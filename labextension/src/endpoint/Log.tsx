import React, { useCallback } from 'react';

import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { useEndpointPage } from './context';

const LINES = 500;
const EVERY = 2000; // milliseconds

/** The end of what the workers and their supervisor said; it follows as they say more. */
export function Log(): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const load = useCallback(() => endpoints.log(name, LINES), [endpoints, name]);
  return (
    <Asked load={load} every={EVERY}>
      {lines => (
        <pre
          className="nbtrail-Text"
          tabIndex={0}
          aria-label={trans.__('Log')}
          data-testid="nbtrail-endpoint-log"
        >
          {lines.join('\n') || trans.__('The log is empty so far.')}
        </pre>
      )}
    </Asked>
  );
}
