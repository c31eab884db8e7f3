/** How wide columns are, and where the pinned ones stick. */
import type { IChoice } from './choice';

/** In pixels: of the column with the runs' names. */
export const FIRST_WIDTH = 280;
const WIDTH = 130;
const NARROWEST = 48;
const WIDEST = 800;

export function widthOf(column: string, { widths }: Pick<IChoice, 'widths'>): number {
  return widths[column] ?? WIDTH;
}

export function widened(width: number, by: number): number {
  return Math.min(WIDEST, Math.max(NARROWEST, Math.round(width + by)));
}

/** Where the left edge of each pinned column sticks; those that are not pinned have none. */
export function edgesOf(
  columns: readonly string[],
  choice: Pick<IChoice, 'pinned' | 'widths'>
): Map<string, number> {
  const edges = new Map<string, number>();
  let left = FIRST_WIDTH;
  for (const column of columns.filter(name => choice.pinned.includes(name))) {
    edges.set(column, left);
    left += widthOf(column, choice);
  }
  return edges;
}
