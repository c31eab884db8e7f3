/** What stands beside the cells of a notebook: what they gave to its run, and whether that holds. */
import type { IExecution } from '../api/trails';

export interface IMark {
  /** The keys of what it recorded in the run. */
  readonly recorded: readonly string[];
  /** Why what it gave is not what it would give now: edited since, or it read something stale. */
  readonly stale: 'edited' | 'inputs' | null;
}

/**
 * The marks by cell id.
 *
 * @param executions the run's, in order; what counts of a cell is the latest
 * @param sources the cells of the notebook as they are now
 */
export function marksOf(
  executions: readonly IExecution[],
  sources: ReadonlyMap<string, string>
): Map<string, IMark> {
  const marks = new Map<string, IMark>();
  for (const execution of executions) {
    const source = execution.cell_id === null ? undefined : sources.get(execution.cell_id);
    if (execution.cell_id !== null && source !== undefined) {
      marks.set(execution.cell_id, markOf(execution, source));
    }
  }
  for (const [id, { recorded, stale }] of marks) {
    if (recorded.length === 0 && stale === null) {
      marks.delete(id);
    }
  }
  return marks;
}

function markOf(execution: IExecution, source: string): IMark {
  const isEdited = execution.source.trim() !== source.trim();
  const hasStaleInputs = execution.findings.some(({ kind }) => kind === 'stale-inputs');
  const stale = isEdited ? 'edited' : hasStaleInputs ? 'inputs' : null;
  return { recorded: execution.role === 'own' ? recordedBy(execution) : [], stale };
}

function recordedBy({ params, metrics, artifacts, models, datasets }: IExecution): string[] {
  return [params, metrics, artifacts, models, datasets].flat();
}
