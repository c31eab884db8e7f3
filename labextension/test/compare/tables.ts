/** Small answers of the server for the tests of comparisons. */
import type { Cell, ICellChange, ITable } from '../../src/api/charts';
import type { IKeys } from '../../src/tokens';

export function aTable(ids: readonly string[], columns: Record<string, Cell[]> = {}): ITable {
  const all = <T>(value: T): T[] => ids.map(() => value);
  return {
    total: ids.length,
    runs: {
      run_id: [...ids],
      experiment_id: all('1'),
      name: ids.map(id => `run ${id}`),
      status: all('FINISHED'),
      start: all(0),
      end: all(null),
      notebook: all(null),
      verdict: all(null),
      reproduction: all(null),
      star: all(false),
      color: all(null)
    },
    columns,
    groups: null
  };
}

export function someKeys(metrics: readonly string[], params: readonly string[] = []): IKeys {
  const used = (distinct: number) => (key: string) => ({ key, runs: 2, distinct });
  return { runs: 2, metrics: metrics.map(used(2)), params: params.map(used(2)), tags: [] };
}

export function aChange(kind: ICellChange['kind'], rest: Partial<ICellChange> = {}): ICellChange {
  const places = { place_a: 1, place_b: 1 };
  return { kind, title: 'x = 1', ...places, moved: false, source: [], outputs: [], ...rest };
}
