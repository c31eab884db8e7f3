import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/client';
import { REFRESH_INTERVAL } from '../../src/common/live';
import { TrailModel } from '../../src/sidebar/model';
import { aMetric, aRun } from '../records';
import { FakeServer } from './server';

const withLoss = (id: string, count: number) => aRun(id, { metrics: [aMetric('loss', { count })] });

let server: FakeServer;
let model: TrailModel;

const aMoment = () => vi.advanceTimersByTimeAsync(REFRESH_INTERVAL);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  model = new TrailModel(server);
});

afterEach(() => {
  model.active = false;
  vi.useRealTimers();
});

describe('a model at rest', () => {
  it('asks nothing, however much the store changes', async () => {
    model.invalidate();
    await aMoment();
    expect(server.asked).toEqual([]);
    expect(model.state.ready).toBe(false);
  });

  it('catches up when it is woken', async () => {
    model.active = true;
    await aMoment();
    expect(server.asked).toHaveLength(1);
    model.active = false;
    model.invalidate();
    await aMoment();
    expect(server.asked).toHaveLength(1);
    model.active = true;
    await aMoment();
    expect(server.asked).toHaveLength(2);
  });
});

describe('live updates', () => {
  beforeEach(async () => {
    server.runList = [withLoss('new', 3), withLoss('old', 9)];
    model.active = true;
    await aMoment();
  });

  it('begin with the experiment of the newest run', () => {
    expect(server.asked[0].experimentId).toBe('1');
    expect(model.state.experimentId).toBe('1');
  });

  it('chart the newest run', () => {
    expect(model.state.metric).toBe('loss');
    expect(model.state.series.map(series => series.run_id)).toEqual(['new']);
  });

  it('ask at once, then once for all changes within an interval', async () => {
    for (let i = 0; i < 50; i++) {
      model.invalidate();
    }
    expect(server.asked).toHaveLength(2);
    await aMoment();
    await aMoment();
    expect(server.asked).toHaveLength(3);
  });

  it('fetch the history of those runs only that grew', async () => {
    model.toggleRun('new');
    model.toggleRun('old');
    await aMoment();
    expect(server.historiesAsked.at(-1)).toEqual(['old']);
    server.runList = [withLoss('new', 4), withLoss('old', 9)];
    model.invalidate();
    await aMoment();
    expect(server.historiesAsked.at(-1)).toEqual(['new']);
    expect(model.state.series.map(series => series.total)).toEqual([4, 9]);
  });

  it('fetch no history when nothing charted changed', async () => {
    const before = server.historiesAsked.length;
    server.runList = [withLoss('new', 3), withLoss('old', 10)];
    model.invalidate();
    await aMoment();
    expect(server.historiesAsked).toHaveLength(before);
  });
});

describe('an experiment that was chosen once', () => {
  it('is shown again, unless it is gone', async () => {
    model.showExperiment('gone');
    model.active = true;
    await aMoment();
    await aMoment();
    expect(model.state.experimentId).toBe('1');
    model.showExperiment(null);
    await aMoment();
    expect(model.chosenExperiment).toBeNull();
  });
});

describe('runs of background jobs', () => {
  it('say how far they have come, while any run is going on', async () => {
    server.progressOf.set('new', { cells_done: 2, cells_total: 5 });
    server.runList = [withLoss('new', 3)];
    model.active = true;
    await aMoment();
    expect(model.state.progress.size).toBe(0);
    server.runList = [aRun('new', { info: { status: 'RUNNING' } })];
    model.invalidate();
    await aMoment();
    expect(model.state.progress.get('new')).toMatchObject({ cells_done: 2 });
  });
});

describe('the choices of the user', () => {
  beforeEach(async () => {
    server.runList = [withLoss('new', 3), withLoss('old', 9)];
    model.active = true;
    await aMoment();
  });

  it('tick and untick runs', () => {
    model.toggleRun('old');
    model.toggleRun('new');
    expect(model.state.selected).toEqual(['old', 'new']);
    model.toggleRun('old');
    expect(model.state.selected).toEqual(['new']);
    model.clearSelection();
    expect(model.state.selected).toEqual([]);
  });

  it('lose their ticks with the runs', async () => {
    model.toggleRun('old');
    server.runList = [withLoss('new', 3)];
    model.invalidate();
    await aMoment();
    expect(model.state.selected).toEqual([]);
  });

  it('keep to a metric where the charted runs have it', async () => {
    server.runList = [aRun('x', { metrics: [aMetric('accuracy'), aMetric('loss', { count: 2 })] })];
    model.invalidate();
    await aMoment();
    model.chartMetric('accuracy');
    expect(model.state.metric).toBe('accuracy');
    server.runList = [withLoss('y', 3)];
    model.invalidate();
    await aMoment();
    expect(model.state.metric).toBe('loss');
  });

  it('narrow the list to an experiment, and drop an answer that comes too late', async () => {
    model.invalidate();
    model.showExperiment('2');
    await aMoment();
    await aMoment();
    expect(server.asked.at(-1)?.experimentId).toBe('2');
    expect(model.state.experimentId).toBe('2');
    model.showExperiment(null);
    await aMoment();
    expect(server.asked.at(-1)?.experimentId).toBeNull();
  });

  it('hold while the server is still asked about another experiment', async () => {
    let answer = (): void => undefined;
    server.keys = () =>
      new Promise(resolve => {
        answer = () => resolve({ runs: 0, params: [], metrics: [], tags: [] });
      });
    server.runList = [withLoss('b', 4)];
    model.invalidate();
    await aMoment();
    model.showExperiment('2');
    answer();
    await aMoment();
    expect(model.state.experimentId).toBe('2');
    expect(server.asked.at(-1)?.experimentId).toBe('2');
  });

  it('reach for older runs a page at a time', async () => {
    server.hasOlder = true;
    model.showOlder();
    await aMoment();
    expect(server.asked.map(query => query.maxResults)).toEqual([50, 100]);
    expect(model.state.hasOlder).toBe(true);
    model.filterBy('metrics.loss > 1');
    await aMoment();
    expect(server.asked.at(-1)).toMatchObject({ filter: 'metrics.loss > 1', maxResults: 50 });
  });

  it('reach for what was deleted, which cannot be compared with what is there', async () => {
    model.toggleRun('old');
    model.show('deleted');
    await aMoment();
    await aMoment();
    expect(server.asked.at(-1)?.view).toBe('deleted');
    expect(model.state.selected).toEqual([]);
  });

  it('are those of the last days, until there is a filter', async () => {
    model.retention = 30;
    model.filterBy('metrics.acc > 1');
    await aMoment();
    model.filterBy('');
    await aMoment();
    const filters = server.asked.slice(-2).map(({ filter }) => filter);
    expect(filters).toEqual(['metrics.acc > 1', 'attributes.start_time > -30d']);
  });

  it('have columns of their own, or those that vary', async () => {
    expect(model.state.columns).toEqual({ metrics: ['loss'], params: [] });
    expect(server.keysAsked).toBe(1);
    model.chosenColumns = ['params.lr', 'metrics.acc'];
    model.invalidate();
    await aMoment();
    expect(model.state.columns).toEqual({ metrics: ['acc'], params: ['lr'] });
  });
});

describe('trouble', () => {
  it('is shown in the words of the API, and gone with the next answer', async () => {
    server.failure = new ApiError('The server sleeps.', 500);
    model.active = true;
    await aMoment();
    expect(model.state).toMatchObject({ ready: true, error: 'The server sleeps.' });
    server.failure = null;
    model.invalidate();
    await aMoment();
    expect(model.state.error).toBeNull();
  });

  it('leaves what is shown as it is where the server does not answer at all', async () => {
    server.runList = [withLoss('known', 3)];
    model.active = true;
    await aMoment();
    server.failure = new ApiError('Nobody answers.');
    model.invalidate();
    await aMoment();
    expect(model.state.error).toBeNull();
    expect(model.state.runs.map(run => run.info.run_id)).toEqual(['known']);
  });

  it('is tried again when the panel is shown again', async () => {
    server.failure = new ApiError('The server sleeps.', 500);
    model.active = true;
    await aMoment();
    model.active = false;
    server.failure = null;
    model.active = true;
    await aMoment();
    expect(model.state.error).toBeNull();
  });
});
