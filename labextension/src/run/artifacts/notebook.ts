/** Notebooks as files. */
import type { ICell, MultilineString } from '@jupyterlab/nbformat';

/** The cells of a notebook; null if it is none. */
export function cellsIn(text: string): ICell[] | null {
  try {
    const { cells } = JSON.parse(text) as { cells?: unknown };
    return Array.isArray(cells) ? cells.filter(isCell) : null;
  } catch {
    return null;
  }
}

export function textOf(source: MultilineString): string {
  return Array.isArray(source) ? source.join('') : String(source);
}

function isCell(cell: unknown): cell is ICell {
  return typeof cell === 'object' && cell !== null && 'cell_type' in cell && 'source' in cell;
}
