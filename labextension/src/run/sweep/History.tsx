import React, { useMemo } from 'react';

import { Figure } from '../../chart/Figure';
import { useServices } from '../../common/context';
import { useRunPage } from '../context';
import { historyFigure } from './figure';
import type { ISweepProps } from './Sweep';

/** What each trial came to, with the best so far; a click on a point opens the trial's run. */
export function History({ sweep, trials }: ISweepProps): React.JSX.Element {
  const { looks, trans } = useServices();
  const { runId, open } = useRunPage();
  const { color } = looks.of(runId);
  const { data, layout } = useMemo(() => {
    const words = {
      trial: trans.__('trial'),
      best: trans.__('best so far'),
      pruned: trans.__('pruned')
    };
    return historyFigure(trials, sweep, color, words);
  }, [trials, sweep, color, trans]);
  if (data.length === 0) {
    return (
      <p className="nbtrail-Note">{trans.__('The first trial that finishes is drawn here.')}</p>
    );
  }
  return (
    <div className="nbtrail-Sweep-figure">
      <Figure
        data={data}
        layout={layout}
        label={trans.__(
          '%1 over %2 trials; the table below has the numbers',
          sweep.metric,
          trials.length
        )}
        onClick={run_id => run_id && open('run', { run_id })}
      />
    </div>
  );
}
