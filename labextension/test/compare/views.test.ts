import { describe, expect, it } from 'vitest';

import { brushed, isWithin, pathOf } from '../../src/compare/brushes';
import { blocksOf, lineKind, pairOf, tablesOf } from '../../src/compare/cells';
import { DEFAULTS } from '../../src/compare/choice';
import { ImagesModel } from '../../src/compare/images';
import { groupLine, lineOf } from '../../src/compare/lines';
import { axisValues } from '../../src/compare/values';
import { Looks } from '../../src/chart/looks';
import { aSeries } from '../records';
import { aChange, aTable } from './tables';

describe('the cells of two trails', () => {
  it('are folded where nothing is different', () => {
    const cells = [
      ...[aChange('same'), aChange('same'), aChange('edited'), aChange('same')],
      ...[aChange('same', { moved: true }), aChange('same', { outputs: [{ what: 'a', diff: [] }] })]
    ];
    const kinds = blocksOf(cells).map(block => ('folded' in block ? block.folded.length : 'cell'));
    expect(kinds).toEqual([2, 'cell', 1, 'cell', 'cell']);
  });

  it('have lines with a sign', () => {
    expect(['+a', '-a', '@@ -1 +1 @@', ' a', ''].map(lineKind)).toEqual([
      ...['added', 'removed', 'place', 'same', 'same']
    ]);
  });

  it('are those of the chosen runs, else from the older to the newer', () => {
    const table = aTable(['new', 'old', 'oldest']);
    expect(pairOf(DEFAULTS, table)).toEqual(['old', 'new']);
    expect(pairOf({ ...DEFAULTS, baseline: 'new' }, table)).toEqual(['new', 'old']);
    expect(pairOf({ ...DEFAULTS, pair: ['x', 'y'] }, table)).toEqual(['x', 'y']);
    expect(pairOf(DEFAULTS, aTable(['only']))).toBeNull();
  });

  it('have tables beside them, without the empty ones', () => {
    const none = { params: [], metrics: [], cells: [], packages: [], data: [], git: [] };
    const change = { key: 'lr', a: 1, b: 2 };
    expect(tablesOf({ ...none, git: [change], params: [change] })).toEqual(['params', 'git']);
  });
});

describe('parallel coordinates', () => {
  it('leave out what lies outside of any chosen part', () => {
    const brushes = brushed(brushed(new Map(), 0, [0.8, 0.2]), 1, [0, 0.5]);
    expect(isWithin([0.5, 0.5], brushes)).toBe(true);
    expect(isWithin([0.5, 0.6], brushes)).toBe(false);
    expect(isWithin([null, 0.5], brushes)).toBe(false);
    expect(isWithin([0.9, 0.9], brushed(brushed(brushes, 0, null), 1, null))).toBe(true);
  });

  it('have lines that break where a run has no value', () => {
    const at = (axis: number, place: number) => [axis, place] as const;
    expect(pathOf([0, 1, null, 0, 1], at)).toBe('M0.0,0.0L1.0,1.0M3.0,0.0L4.0,1.0');
  });
});

describe('lines', () => {
  it('have a band where points stand for several, and gaps for NaN', () => {
    const series = aSeries('a', 'loss', [1, null, 'Infinity']);
    const history = { ...series, x: series.step, count: [1, 1, 1] };
    const look = new Looks().of('a');
    expect(lineOf(history, 'run a', look)).toMatchObject({ y: [1, null, null], low: null });
    expect(lineOf({ ...history, count: [2, 1, 1] }, 'run a', look).low).toEqual([1, null, null]);
  });

  it('of groups say how many runs they stand for, at each place', () => {
    const group = {
      ...{ group: '0.1', run_ids: ['a', 'b'], x: [0, 1], runs: [2, 1], count: [2, 1] },
      ...{ mean: [1, 2], std: [0.5, null], low: [0, 2], high: [2, 2] }
    };
    const line = groupLine(group, 'std', new Looks());
    expect(line).toMatchObject({
      name: '0.1 (n = 2)',
      n: [2, 1],
      low: [0.5, null],
      high: [1.5, null]
    });
    expect(groupLine(group, 'range', new Looks())).toMatchObject({ low: [0, 2], high: [2, 2] });
  });
});

describe('the values of an axis', () => {
  it('are numbers only if all of them are', () => {
    expect(axisValues(['0.1', '1', null])).toEqual([0.1, 1, null]);
    expect(axisValues(['0.1', 'auto', 'NaN'])).toEqual(['0.1', 'auto', null]);
  });
});

describe('images', () => {
  it('are those that most runs have first, also from folders', async () => {
    const file = (path: string, kind: 'image' | 'text' | 'folder') => ({
      ...{ path, name: path, is_dir: kind === 'folder', size: 1, kind, kept: true, execution: null }
    });
    const files = {
      'a:': [file('a.png', 'image'), file('plots', 'folder'), file('a.txt', 'text')],
      'a:plots': [file('plots/roc.png', 'image')],
      'b:': [file('plots', 'folder')],
      'b:plots': [file('plots/roc.png', 'image')]
    } as Record<string, ReturnType<typeof file>[]>;
    const asked: string[] = [];
    const folder = async (id: string, path: string) => {
      asked.push(id);
      return { path, files: files[`${id}:${path}`], truncated: false };
    };
    const table = aTable(['a', 'b']);
    table.runs.end = [1000, null];
    const model = new ImagesModel({ folder }, () => ({ choice: DEFAULTS, table }));
    model.active = true;
    await expect.poll(() => model.state.ready).toBe(true);
    model.invalidate();
    await expect.poll(() => asked.length).toBe(6);
    model.active = false;
    expect(asked.filter(id => id === 'a')).toHaveLength(2); // its folders, once: it has ended
    expect([...model.state.images].map(([path, runs]) => [path, [...runs]])).toEqual([
      ['plots/roc.png', ['a', 'b']],
      ['a.png', ['a']]
    ]);
  });
});
