/** The cells of two trails side by side: which are worth reading, and which are folded away. */
import type { ICellChange, IDiff } from '../api/charts';
import type { ITable } from '../api/charts';
import type { IChoice } from './choice';

/** A cell that differs, or those between two of them that do not. */
export type Block = { cell: ICellChange } | { folded: readonly ICellChange[] };

export function differs({ kind, moved, outputs }: ICellChange): boolean {
  return kind !== 'same' || moved || outputs.length > 0;
}

/** The cells in order, neighbours without a difference put together. */
export function blocksOf(cells: readonly ICellChange[]): Block[] {
  const blocks: ({ cell: ICellChange } | { folded: ICellChange[] })[] = [];
  for (const cell of cells) {
    const last = blocks[blocks.length - 1];
    if (differs(cell)) {
      blocks.push({ cell });
    } else if (last && 'folded' in last) {
      last.folded.push(cell);
    } else {
      blocks.push({ folded: [cell] });
    }
  }
  return blocks;
}

export type LineKind = 'added' | 'removed' | 'place' | 'same';

/** What a line of a unified diff says. */
export function lineKind(line: string): LineKind {
  switch (line[0]) {
    case '+':
      return 'added';
    case '-':
      return 'removed';
    case '@':
      return 'place';
    default:
      return 'same';
  }
}

/** The two runs whose cells are compared: the chosen ones, else the older and the newer of two. */
export function pairOf(choice: IChoice, { runs }: ITable): [string, string] | null {
  const [a, b] = choice.pair ?? [];
  if (a !== undefined && b !== undefined) {
    return [a, b];
  }
  const listed = runs.run_id.filter(id => id !== choice.baseline);
  const [newer, older] = listed;
  const first = choice.baseline ?? older;
  return first === undefined || newer === undefined ? null : [first, newer];
}

/** The tables of a diff, in the order of their weight, without the empty ones. */
export function tablesOf(diff: IDiff): (keyof IDiff)[] {
  const names = ['params', 'metrics', 'data', 'packages', 'git'] as const;
  return names.filter(name => diff[name].length > 0);
}
