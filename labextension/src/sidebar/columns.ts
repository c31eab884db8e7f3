/** Which metrics and params deserve a place in the list: those chosen, else those that vary. */
import type { IColumns, IKeys, IKeyUse } from '../tokens';

/** What fits into a sidebar. */
const MOST = 3;
const OF_THE_MACHINE = 'system/';

export const NO_COLUMNS: IColumns = { metrics: [], params: [] };

/** The chosen columns (`metrics.KEY`, `params.KEY`) by kind. */
export function chosenColumns(chosen: readonly string[]): IColumns {
  return { metrics: keysOf(chosen, 'metrics.'), params: keysOf(chosen, 'params.') };
}

/** The most frequent keys whose values differ between runs; metrics all the same where none do. */
export function inferredColumns(keys: IKeys): IColumns {
  const metrics = keys.metrics.filter(({ key }) => !key.startsWith(OF_THE_MACHINE));
  const varied = metrics.filter(use => varies(use, keys.runs));
  return {
    metrics: firstKeys(varied.length > 0 ? varied : metrics),
    params: firstKeys(keys.params.filter(use => varies(use, keys.runs)))
  };
}

/** `items` with those of the columns first, in the columns' order; and how many these are. */
export function columnsFirst<T extends { key: string }>(
  items: readonly T[],
  columns: readonly string[]
): { items: T[]; few: number } {
  const first = columns.flatMap(key => items.filter(item => item.key === key));
  return { items: [...first, ...items.filter(item => !first.includes(item))], few: first.length };
}

function keysOf(chosen: readonly string[], prefix: string): string[] {
  return chosen.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));
}

function firstKeys(uses: readonly IKeyUse[]): string[] {
  return uses.slice(0, MOST).map(({ key }) => key);
}

function varies(use: IKeyUse, total: number): boolean {
  return use.distinct > 1 || use.runs < total;
}
