/** How the states of steps are called. */
import { useServices } from '../../common/context';
import type { StepState } from './steps';

export function useStateWords(): Record<StepState, string> {
  const { trans } = useServices();
  return {
    waiting: trans.__('○ Waiting'),
    running: trans.__('▶ Running'),
    finished: trans.__('✓ Finished'),
    reused: trans.__('↺ Reused'),
    failed: trans.__('✗ Failed'),
    stopped: trans.__('■ Stopped')
  };
}
