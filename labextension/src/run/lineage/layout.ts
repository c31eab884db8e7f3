/** Where the nodes of a lineage stand: in columns, each to the right of all that it comes from. */
/** What is drawn, and which of it leads to which. */
export interface IDrawn<T> {
  nodes: readonly T[];
  edges: readonly [string, string][];
}

interface IHasId {
  id: string;
}

export interface IPlaced<T> {
  node: T;
  x: number;
  y: number;
}

export interface IGraph<T> {
  nodes: IPlaced<T>[];
  /** Paths of the edges, each with the ids of its ends. */
  edges: { from: string; to: string; path: string }[];
  width: number;
  height: number;
}

export const NODE = { width: 168, height: 44 };
const GAP = { x: 56, y: 14 };
const MARGIN = 8;
/** Rounds of putting nodes beside what they are connected with. */
const ROUNDS = 4;

export function graphOf<T extends IHasId>({ nodes, edges }: IDrawn<T>): IGraph<T> {
  const known = new Set(nodes.map(({ id }) => id));
  const inside = edges.filter(([from, to]) => known.has(from) && known.has(to) && from !== to);
  const columns = ordered(columnsOf(nodes, inside), inside);
  const tallest = Math.max(0, ...columns.map(column => column.length));
  const placed = new Map<string, IPlaced<T>>();
  columns.forEach((column, i) => {
    const free = (tallest - column.length) / 2;
    column.forEach((node, j) => {
      const x = MARGIN + i * (NODE.width + GAP.x);
      const y = MARGIN + (free + j) * (NODE.height + GAP.y);
      placed.set(node.id, { node, x, y });
    });
  });
  return {
    nodes: [...placed.values()],
    edges: inside.map(([from, to]) => ({ from, to, path: pathOf(placed, from, to) })),
    width: 2 * MARGIN + columns.length * (NODE.width + GAP.x) - GAP.x,
    height: 2 * MARGIN + tallest * (NODE.height + GAP.y) - GAP.y
  };
}

/** Each node as far to the left as what it comes from allows; a cycle is cut where it is met. */
function columnsOf<T extends IHasId>(
  nodes: readonly T[],
  edges: readonly [string, string][]
): T[][] {
  const sources = grouped(edges.map(([from, to]) => [to, from]));
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) {
      return known;
    }
    depths.set(id, 0);
    const depth = Math.max(-1, ...(sources.get(id) ?? []).map(depthOf)) + 1;
    depths.set(id, depth);
    return depth;
  };
  const columns: T[][] = [];
  for (const node of nodes) {
    (columns[depthOf(node.id)] ??= []).push(node);
  }
  return [...columns].map(column => column ?? []);
}

/** The columns with their nodes near to those that they are connected with. */
function ordered<T extends IHasId>(columns: T[][], edges: readonly [string, string][]): T[][] {
  const both = edges.flatMap(([from, to]): [string, string][] => [
    [from, to],
    [to, from]
  ]);
  const neighbours = grouped(both);
  const places = new Map<string, number>();
  const settle = (column: T[]) =>
    column.forEach(({ id }, i) => places.set(id, (i + 0.5) / column.length));
  const middle = ({ id }: T) => {
    const near = (neighbours.get(id) ?? []).map(other => places.get(other) ?? 0);
    const sum = near.reduce((a, b) => a + b, 0);
    return near.length > 0 ? sum / near.length : (places.get(id) ?? 0);
  };
  columns.forEach(settle);
  const current = columns.map(column => [...column]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const column of current) {
      column.sort((a, b) => middle(a) - middle(b));
      settle(column);
    }
  }
  return current;
}

function grouped(pairs: readonly [string, string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) {
      group.push(value);
    } else {
      groups.set(key, [value]);
    }
  }
  return groups;
}

function pathOf<T>(placed: ReadonlyMap<string, IPlaced<T>>, from: string, to: string): string {
  const [a, b] = [placed.get(from), placed.get(to)];
  if (a === undefined || b === undefined) {
    return '';
  }
  const [x1, y1] = [a.x + NODE.width, a.y + NODE.height / 2];
  const [x2, y2] = [b.x, b.y + NODE.height / 2];
  const bend = Math.max(GAP.x / 2, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
