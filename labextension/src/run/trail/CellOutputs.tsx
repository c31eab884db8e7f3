import React, { useCallback } from 'react';

import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { Outputs } from '../common/Outputs';
import { useRunPage } from '../context';

interface ICellOutputsProps {
  execution: number;
  count: number;
}

/** What a cell has put out, asked for when the cell comes into sight. */
export function CellOutputs({ execution, count }: ICellOutputsProps): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(() => api.trails.outputs(runId, execution), [api, runId, execution]);
  return (
    <div
      className="nbtrail-CellOutputs"
      role="group"
      aria-label={trans._n('%1 output', '%1 outputs', count)}
    >
      <Loaded load={load} follows="nothing">
        {outputs => <Outputs outputs={outputs} />}
      </Loaded>
    </div>
  );
}
