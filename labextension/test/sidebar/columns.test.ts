import { describe, expect, it } from 'vitest';

import { chosenColumns, columnsFirst, inferredColumns } from '../../src/sidebar/columns';

const use = (key: string, runs: number, distinct: number) => ({ key, runs, distinct });

describe('columns that nobody chose', () => {
  it('are the first metrics and params that vary', () => {
    const found = inferredColumns({
      runs: 4,
      metrics: [use('system/cpu', 4, 4), use('same', 4, 1), use('loss', 4, 4), use('acc', 3, 1)],
      params: [use('seed', 4, 1), ...['a', 'b', 'c', 'd'].map(key => use(key, 4, 2))],
      tags: []
    });
    expect(found).toEqual({ metrics: ['loss', 'acc'], params: ['a', 'b', 'c'] });
  });

  it('are the first metrics where all are the same, as with a single run', () => {
    const found = inferredColumns({
      runs: 1,
      metrics: [use('loss', 1, 1)],
      params: [use('lr', 1, 1)],
      tags: []
    });
    expect(found).toEqual({ metrics: ['loss'], params: [] });
  });
});

it('chosen columns are told apart by kind, whatever their keys look like', () => {
  const found = chosenColumns(['metrics.params.x', 'params.a.b', 'tags.team']);
  expect(found).toEqual({ metrics: ['params.x'], params: ['a.b'] });
});

it('items come in the order of the columns, then in their own', () => {
  const items = ['a', 'b', 'c'].map(key => ({ key }));
  const { items: ordered, few } = columnsFirst(items, ['c', 'missing']);
  expect(ordered.map(({ key }) => key)).toEqual(['c', 'a', 'b']);
  expect(few).toBe(1);
});
