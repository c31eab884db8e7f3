import React from 'react';

import { useServices } from './context';

const DASHARRAY = { solid: undefined, dot: '2 2', dash: '5 2', dashdot: '5 2 2 2' };

/** A stroke in the colour and dash that a run has in every chart. */
export function Swatch({ runId }: { runId: string }): React.JSX.Element {
  const { looks } = useServices();
  const { color, dash } = looks.of(runId);
  return (
    <svg className="nbtrail-Swatch" width="16" height="8" aria-hidden>
      <line x1="0" y1="4" x2="16" y2="4" stroke={color} strokeDasharray={DASHARRAY[dash]} />
    </svg>
  );
}
