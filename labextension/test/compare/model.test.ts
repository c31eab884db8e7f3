import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/client';
import type { ChartsApi, IHistoryQuery, ITable, ITableQuery } from '../../src/api/charts';
import { ChartsModel } from '../../src/compare/charts';
import { DEFAULTS, type IChoice } from '../../src/compare/choice';
import { columnsOf, CompareModel, drawnRows, MOST_DRAWN, scopeOf } from '../../src/compare/model';
import { aSeries } from '../records';
import { aTable, someKeys } from './tables';

/** A server of two runs that remembers what it was asked. */
class Server {
  tables: ITableQuery[] = [];
  histories: IHistoryQuery[] = [];
  mistake: string | null = null;
  isAway = false;
  counts: (number | null)[] = [3, 3];

  api = {
    keys: async () => someKeys(['loss'], ['lr']),
    table: async (query: ITableQuery): Promise<ITable> => {
      this.tables.push(query);
      if (this.mistake !== null) {
        throw new ApiError(this.mistake, 400);
      }
      return aTable(['a', 'b'], { 'metrics.loss.count': this.counts });
    },
    history: async (query: IHistoryQuery) => {
      this.histories.push(query);
      if (this.isAway) {
        throw new ApiError('Nobody answers.');
      }
      return query.run_ids.map(id => {
        const series = aSeries(id, 'loss', [3, 2, 1]);
        return { ...series, x: series.step, count: [1, 1, 1] };
      });
    }
  } as unknown as ChartsApi;
}

let server: Server;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
});
afterEach(() => void vi.useRealTimers());

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000);
}

async function aModel(
  choice: Partial<IChoice> = {},
  remember: (choice: IChoice) => void = () => undefined
) {
  const model = new CompareModel(server.api, { ...DEFAULTS, ...choice }, remember);
  model.active = true;
  await settled();
  return model;
}

describe('the runs of a comparison', () => {
  it('are said by the filter where they were chosen one by one', () => {
    const choice = {
      ...DEFAULTS,
      run_ids: ['a', "b'"],
      filter: 'metrics.f1 > 0 or status = "FAILED"'
    };
    expect(scopeOf(choice).filter).toBe(
      `attributes.run_id IN ('a', 'b') AND (metrics.f1 > 0 or status = "FAILED")`
    );
    expect(scopeOf(DEFAULTS).filter).toBe('');
  });

  it('are drawn unless they are hidden, and no more than can be told apart', () => {
    const ids = Array.from({ length: MOST_DRAWN + 5 }, (_, i) => `${i}`);
    const choice = { ...DEFAULTS, hidden: ['0'] };
    const rows = drawnRows({ choice, table: aTable(ids) });
    expect(rows).toHaveLength(MOST_DRAWN);
    expect(rows[0]).toBe(1);
  });

  it('are asked for with what the view draws', () => {
    const keys = someKeys(['loss'], ['lr']);
    expect(columnsOf({ ...DEFAULTS, view: 'charts', columns: [] }, keys)).toEqual([
      'metrics.loss.count'
    ]);
    const scatter = { ...DEFAULTS, view: 'scatter' as const, columns: ['params.lr'] };
    expect(columnsOf(scatter, keys)).toEqual(['params.lr', 'metrics.loss']);
  });
});

describe('the model of a comparison', () => {
  it('asks again for what needs the server, and remembers the choice', async () => {
    const remember = vi.fn();
    const model = await aModel({ experiment_ids: ['1'] }, remember);
    model.choose({ order: 'metrics.loss', descending: false });
    await settled();
    expect(server.tables.at(-1)).toMatchObject({ order_by: ['metrics.`loss` ASC'] });
    const asked = server.tables.length;
    model.choose({ baseline: 'a' });
    await settled();
    expect(server.tables).toHaveLength(asked);
    expect(remember).toHaveBeenLastCalledWith(expect.objectContaining({ baseline: 'a' }));
  });

  it('keeps the rows while a filter is wrong', async () => {
    const model = await aModel();
    server.mistake = 'The filter is not understood.';
    model.choose({ filter: 'metrics.' });
    await settled();
    expect(model.state).toMatchObject({ error: null, mistake: 'The filter is not understood.' });
    expect(model.state.table?.total).toBe(2);
    server.mistake = null;
    model.choose({ filter: '' });
    await settled();
    expect(model.state.mistake).toBeNull();
  });
});

describe('the histories', () => {
  it('are asked for while their chart is in sight, and only as they grow', async () => {
    const model = await aModel({ view: 'charts' });
    const charts = new ChartsModel(server.api, () => model.state);
    model.attend(charts);
    const unfollow = charts.follow('loss');
    await settled();
    expect(server.histories).toMatchObject([{ run_ids: ['a', 'b'], keys: ['loss'] }]);
    expect([...(charts.state.histories.get('loss')?.keys() ?? [])]).toEqual(['a', 'b']);
    server.counts = [3, 4];
    model.invalidate();
    await settled();
    expect(server.histories).toHaveLength(2);
    expect(server.histories[1].run_ids).toEqual(['b']);
    unfollow();
    server.counts = [5, 5];
    model.invalidate();
    await settled();
    expect(server.histories).toHaveLength(2);
  });

  it('are asked for anew for a part of the axis', async () => {
    const model = await aModel({ view: 'charts', range: [10, 20] });
    const charts = new ChartsModel(server.api, () => model.state);
    model.attend(charts);
    charts.follow('loss');
    await settled();
    expect(server.histories[0]).toMatchObject({ first_x: 10, last_x: 20, points: 500 });
  });

  it('are asked for again where the server gave none', async () => {
    const model = await aModel({ view: 'charts' });
    const charts = new ChartsModel(server.api, () => model.state);
    model.attend(charts);
    server.isAway = true;
    charts.follow('loss');
    await settled();
    expect(charts.state.histories.size).toBe(0);
    server.isAway = false;
    charts.invalidate();
    await settled();
    expect([...(charts.state.histories.get('loss')?.keys() ?? [])]).toEqual(['a', 'b']);
    expect(charts.state.error).toBeNull();
  });

  it('rest while nobody looks', async () => {
    const model = await aModel({ view: 'charts' });
    const charts = new ChartsModel(server.api, () => model.state);
    model.attend(charts);
    model.active = false;
    charts.follow('loss');
    await settled();
    expect(server.histories).toHaveLength(0);
  });
});
