import { useServices } from '../common/context';
import type { IRun } from '../tokens';
import { useTrail } from './context';
import { openRunMenu } from './menu';

/** What opens the menu of a run; a ticked run stands for all that are ticked. */
export function useRunMenu(run: IRun): (place: { x: number; y: number }) => void {
  const services = useServices();
  const model = useTrail();
  return place => {
    const { selected } = model.state;
    const id = run.info.run_id;
    openRunMenu(services, run, selected.includes(id) ? selected : [id], place);
  };
}
