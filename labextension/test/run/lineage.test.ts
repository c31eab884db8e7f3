import { describe, expect, it } from 'vitest';

import type { ILineage } from '../../src/api/trails';
import { graphOf, NODE } from '../../src/run/lineage/layout';

function lineage(ids: string, ...edges: string[]): ILineage {
  return {
    nodes: [...ids].map(id => ({ id, kind: 'cell', label: id, detail: null })),
    edges: edges.map(edge => [edge[0], edge[1]]),
    truncated: false
  };
}

const placesOf = (graph: ILineage) =>
  new Map(graphOf(graph).nodes.map(({ node, x, y }) => [node.id, { x, y }]));

describe('the graph of a lineage', () => {
  it('has each node to the right of all that it comes from', () => {
    const edges = ['ab', 'bc', 'ac', 'cd', 'ad'];
    const places = placesOf(lineage('dcba', ...edges));
    for (const [from, to] of edges) {
      expect(places.get(to)!.x).toBeGreaterThanOrEqual(places.get(from)!.x + NODE.width);
    }
  });

  it('puts no node on another, and all inside', () => {
    const graph = graphOf(lineage('abcdefgh', 'ae', 'be', 'ce', 'ef', 'eg', 'eh', 'df'));
    for (const a of graph.nodes) {
      expect(a.x + NODE.width).toBeLessThanOrEqual(graph.width);
      expect(a.y + NODE.height).toBeLessThanOrEqual(graph.height);
      for (const b of graph.nodes) {
        const isApart = a === b || a.x !== b.x || Math.abs(a.y - b.y) >= NODE.height;
        expect(isApart).toBe(true);
      }
    }
  });

  it('does not cross edges that need not be crossed', () => {
    const places = placesOf(lineage('abxy', 'ay', 'bx'));
    expect(Math.sign(places.get('a')!.y - places.get('b')!.y)).toBe(
      Math.sign(places.get('y')!.y - places.get('x')!.y)
    );
  });

  it('takes cycles, unknown ends and edges to oneself', () => {
    const graph = graphOf(lineage('ab', 'ab', 'ba', 'aa', 'az'));
    expect(graph.nodes).toHaveLength(2);
    expect(graph.edges.map(({ from, to }) => from + to)).toEqual(['ab', 'ba']);
    expect(graphOf(lineage('')).nodes).toEqual([]);
  });

  it('takes a chain of five hundred', () => {
    const nodes = Array.from({ length: 500 }, (_, i) => String.fromCodePoint(0x4e00 + i));
    const edges = nodes.slice(1).map((id, i) => nodes[i] + id);
    const places = placesOf(lineage(nodes.join(''), ...edges));
    expect(new Set([...places.values()].map(({ x }) => x)).size).toBe(500);
  });
});
