/** What would have to be run again so that a run's cells fit together. */
import type { IExecution, IJudgement } from '../../api/trails';

type Findings = NonNullable<IJudgement['verdict']>['findings'];

/** What running cells again can put right; state of deleted cells, say, it cannot. */
const CURABLE = ['stale-inputs', 'out-of-order'];

/**
 * The executions that findings are about and those that have read from them, in order; of a cell
 * that ran several times the last one only.
 */
export function dueAgain(trail: readonly IExecution[], findings: Findings): number[] {
  const curable = findings.filter(({ kind }) => CURABLE.includes(kind));
  const due = new Set(curable.flatMap(({ executions }) => executions));
  const inOrder = [...trail].sort((a, b) => a.ordinal - b.ordinal);
  const lastOf = new Map<string, number>();
  for (const { id, cell_id, reads } of inOrder) {
    if (Object.values(reads).some(binder => binder !== null && due.has(binder))) {
      due.add(id);
    }
    if (due.has(id)) {
      const cell = cell_id ?? `execution ${id}`;
      lastOf.delete(cell);
      lastOf.set(cell, id);
    }
  }
  return [...lastOf.values()];
}
