import { describe, expect, it } from 'vitest';

import {
  arranged,
  delta,
  disagree,
  inferredColumns,
  linesOf,
  metricsOf,
  numberIn,
  parted,
  term,
  workMetrics
} from '../../src/compare/columns';
import { edgesOf, FIRST_WIDTH, widened } from '../../src/compare/widths';
import { aTable, someKeys } from './tables';

describe('a column', () => {
  it('has a kind and a key, in which dots are part of the name', () => {
    expect(parted('metrics.val.loss')).toEqual({ kind: 'metrics', key: 'val.loss' });
  });

  it('is quoted in an order', () => {
    expect(term('params.my key')).toBe('params.`my key`');
    expect(term('metrics.a`b')).toBe('metrics."a`b"');
    expect(term('attributes.start_time')).toBe('attributes.start_time');
  });
});

describe('the columns that nobody chose', () => {
  it('are the params that vary and the metrics of the work', () => {
    const keys = someKeys(['loss', 'system/cpu'], ['lr']);
    keys.params.push({ key: 'seed', runs: 2, distinct: 1 });
    expect(inferredColumns(keys)).toEqual(['params.lr', 'metrics.loss', 'attributes.duration']);
  });

  it('have the metrics of the machine only where there are no others', () => {
    expect(workMetrics(someKeys(['system/cpu', 'loss']))).toEqual(['loss']);
    expect(workMetrics(someKeys(['system/cpu']))).toEqual(['system/cpu']);
    expect(metricsOf(someKeys(['system/cpu', 'loss']))).toEqual(['loss', 'system/cpu']);
  });

  it('have the pinned ones first', () => {
    expect(arranged(['a', 'b', 'c'], ['c', 'gone'])).toEqual(['c', 'a', 'b']);
  });
});

describe('values', () => {
  it('disagree where one run has something and another has not', () => {
    expect(disagree(['1', '1'])).toBe(false);
    expect(disagree(['1', null])).toBe(true);
    expect(disagree(undefined)).toBe(false);
  });

  it('are numbers where they can be read as such', () => {
    expect(['0.1', '-3', '1e-4', 2].map(numberIn)).toEqual([0.1, -3, 1e-4, 2]);
    expect(['adam', '', 'NaN', 'Infinity', null, '3 cm'].map(numberIn)).toEqual(
      Array(6).fill(null)
    );
  });

  it('are measured by the baseline', () => {
    expect(delta(3, '2')).toEqual({ by: 1, ratio: 0.5 });
    expect(delta(-3, -2)).toEqual({ by: -1, ratio: -0.5 });
    expect(delta(1, 0)).toEqual({ by: 1, ratio: null });
    expect(delta('NaN', 1)).toBeNull();
  });
});

describe('the lines of the table', () => {
  it('have a head for each group, also for the runs without a value', () => {
    const table = aTable(['a', 'b', 'c'], { 'params.lr': ['1', '1', null] });
    table.groups = [
      { value: '1', runs: 2 },
      { value: null, runs: 1 }
    ];
    expect(linesOf(table, 'params.lr')).toEqual([
      { group: '1', runs: 2 },
      { row: 0 },
      { row: 1 },
      { group: null, runs: 1 },
      { row: 2 }
    ]);
    expect(linesOf(table, null)).toHaveLength(3);
  });

  it('stick where the pinned columns before them end', () => {
    const edges = edgesOf(['a', 'b', 'c'], { pinned: ['a', 'c'], widths: { a: 50 } });
    expect([...edges]).toEqual([
      ['a', FIRST_WIDTH],
      ['c', FIRST_WIDTH + 50]
    ]);
    expect(widened(100, -500)).toBeGreaterThan(0);
  });
});
