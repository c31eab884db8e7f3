import React, { useEffect, useState } from 'react';

import { useServices } from '../common/context';
import { formatDuration } from '../common/format';
import type { IRun } from '../tokens';
import { useTrail } from './context';

const SECOND = 1000;

/** How long a run took, or has been running. */
export function Duration({ run }: { run: IRun }): React.JSX.Element | null {
  const { start_time, end_time, status } = run.info;
  if (end_time !== null) {
    return <span>{formatDuration(end_time - start_time)}</span>;
  }
  return status === 'RUNNING' ? <Elapsed since={start_time} /> : null;
}

function Elapsed({ since }: { since: number }): React.JSX.Element {
  const { trans } = useServices();
  const model = useTrail();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => model.active && setNow(Date.now()), SECOND);
    return () => clearInterval(timer);
  }, [model]);
  const whole = Math.floor(Math.max(now - since, 0) / SECOND) * SECOND;
  return <span>{trans.__('for %1', formatDuration(whole))}</span>;
}
