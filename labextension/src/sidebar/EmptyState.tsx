import { Button } from '@jupyterlab/ui-components';
import React from 'react';

import { trailIcon } from '../common/icons';
import { CommandIDs } from '../tokens';
import { useServices } from '../common/context';

/** What to do while there is no run yet. */
export function EmptyState(): React.JSX.Element {
  const { commands, trans } = useServices();
  return (
    <div className="nbtrail-State" data-testid="nbtrail-empty">
      <trailIcon.react tag="span" className="nbtrail-State-icon" width="40px" height="40px" />
      <p>
        {trans.__(
          'No runs yet: load nbtrail in a notebook, then run a cell that fits a model or computes a metric.'
        )}
      </p>
      <Button
        className="jp-mod-styled jp-mod-accept"
        onClick={() => void commands.execute(CommandIDs.insertSnippet)}
      >
        {trans.__('Insert')} <code>%load_ext nbtrail</code>
      </Button>
    </div>
  );
}
