import React, { useMemo } from 'react';

import { useServices } from '../../common/context';
import { disagree } from '../../compare/columns';
import { Parallel } from '../../compare/Parallel';
import { useRunPage } from '../context';
import type { ISweepProps } from './Sweep';
import { ranked } from './trials';

/** More lines than this cannot be told apart: the best are drawn. */
const MOST = 200;

/** A line a trial that finished, over its parameters to its value: the better, the stronger. */
export function Coordinates({ sweep, trials }: ISweepProps): React.JSX.Element {
  const { trans } = useServices();
  const { open } = useRunPage();
  const drawn = useMemo(() => drawingOf({ sweep, trials }), [sweep, trials]);
  if (drawn.runs.length < 2) {
    return <p className="nbtrail-Note">{trans.__('Two trials must have finished.')}</p>;
  }
  return (
    <div className="nbtrail-Sweep-parallel">
      <Parallel key={drawn.axes.join()} {...drawn} onOpen={run_id => open('run', { run_id })} />
    </div>
  );
}

function drawingOf({ sweep, trials }: ISweepProps) {
  const best = ranked(trials, sweep).slice(0, MOST).reverse(); // The last is drawn on top.
  const columns = Object.fromEntries([
    ...sweep.names.map((name, i) => [`params.${name}`, best.map(({ params }) => params[i])]),
    [`metrics.${sweep.metric}`, best.map(({ value }) => value)]
  ]);
  const runs = best.map(({ runId, name }, row) => ({
    ...{ row, runId, name },
    look: { color: shade((row + 1) / best.length), dash: 'solid' as const }
  }));
  const axes = Object.keys(columns).filter(
    (column, i) => i === sweep.names.length || disagree(columns[column])
  );
  return { axes, columns, runs };
}

/** From what can just be seen on the page to the colour of the theme. */
function shade(strength: number): string {
  const part = Math.round(25 + 75 * strength);
  return `color-mix(in srgb, var(--jp-brand-color1) ${part}%, var(--jp-layout-color1))`;
}
