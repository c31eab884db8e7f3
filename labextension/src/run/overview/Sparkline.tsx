import React from 'react';

import { drawable } from '../../common/format';
import { useServices } from '../../common/context';
import type { ISeries } from '../../tokens';
import { sparkPath } from './spark';

const WIDTH = 96;
const HEIGHT = 20;

interface ISparklineProps {
  series: ISeries;
  total: number;
}

/** The course of a metric, as small as a word. */
export function Sparkline({ series, total }: ISparklineProps): React.JSX.Element {
  const { looks, trans } = useServices();
  const path = sparkPath(series.step, series.value.map(drawable), WIDTH, HEIGHT);
  return (
    <svg
      className="nbtrail-Sparkline"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={trans._n('%1 point', '%1 points', total)}
    >
      <path d={path} stroke={looks.of(series.run_id).color} />
    </svg>
  );
}
