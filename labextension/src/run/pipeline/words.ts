/** How the states of steps are called. */
import { useServices } from '../../common/context';
import { useRun } from '../context';
import { isGoingOn } from '../model';
import type { StepState } from './steps';

export function useStateWords(): Record<StepState, string> {
  const { trans } = useServices();
  const isLeftOut = !isGoingOn(useRun());
  return {
    waiting: isLeftOut ? trans.__('○ Not run') : trans.__('○ Waiting'),
    running: trans.__('▶ Running'),
    finished: trans.__('✓ Finished'),
    reused: trans.__('↺ Reused'),
    failed: trans.__('✗ Failed'),
    stopped: trans.__('■ Stopped')
  };
}
