import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/client';
import type { IRunDetail } from '../../src/api/run';
import { REFRESH_INTERVAL } from '../../src/common/live';
import { Resource } from '../../src/common/resource';
import { Histories } from '../../src/run/histories';
import { RunModel, RunPageModel } from '../../src/run/model';
import { aMetric, aRun, aSeries } from '../records';

const aMoment = () => vi.advanceTimersByTimeAsync(REFRESH_INTERVAL);

function aDetail(status: IRunDetail['info']['status'], count = 1): IRunDetail {
  const run = aRun('a', { info: { status }, metrics: [aMetric('loss', { count })] });
  const info = {
    ...run.info,
    lifecycle_stage: 'active',
    user_id: 'ada',
    artifact_uri: ''
  } as const;
  return { ...run, info, datasets: [], models: [] };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the page of a run', () => {
  let server: IRunDetail;
  let asked: number;
  let page: RunPageModel;
  let tab: Resource<number>;

  beforeEach(() => {
    server = aDetail('FINISHED');
    asked = 0;
    page = new RunPageModel(new RunModel(async () => structuredClone(server)));
    tab = new Resource(async () => ++asked);
  });

  afterEach(() => {
    page.active = false;
  });

  it('asks for a tab when it is opened, and only while the page is in sight', async () => {
    page.attend(tab);
    await aMoment();
    expect(asked).toBe(0);
    page.active = true;
    await aMoment();
    expect(tab.state).toMatchObject({ ready: true, error: null });
    const before = asked;
    page.active = false;
    page.run.invalidate();
    await aMoment();
    expect(asked).toBe(before);
  });

  it('leaves a tab alone while other runs change the store, unless it follows that', async () => {
    page.active = true;
    await aMoment();
    let versions = 0;
    page.attend(tab);
    page.attend(new Resource(async () => ++versions), 'store');
    await aMoment();
    const { run } = page.run.state;
    page.invalidate();
    await aMoment();
    await aMoment();
    expect([asked, versions]).toEqual([1, 2]);
    expect(page.run.state.run).toBe(run);
    server = aDetail('FINISHED', 2);
    page.run.invalidate();
    await aMoment();
    await aMoment();
    expect(asked).toBe(2);
  });

  it('lets tabs follow a run that goes on, but for what stays as it is', async () => {
    server = aDetail('RUNNING');
    page.active = true;
    await aMoment();
    let outputs = 0;
    page.attend(tab);
    page.attend(new Resource(async () => ++outputs), 'nothing');
    await aMoment();
    page.run.invalidate();
    await aMoment();
    await aMoment();
    expect([asked, outputs]).toEqual([2, 1]);
  });

  it('lets a tab rest that was left', async () => {
    page.active = true;
    const leave = page.attend(tab);
    await aMoment();
    leave();
    expect(tab.active).toBe(false);
  });

  it('asks again for what got no answer, and only for that, when the server is back', async () => {
    let isAway = true;
    let answers = 0;
    const lost = new Resource(async () => {
      if (isAway) {
        throw new ApiError('Nobody answers.');
      }
      return ++answers;
    });
    page.attend(lost, 'nothing');
    page.active = true;
    await aMoment();
    expect(lost.state.error).toBe('Nobody answers.');
    isAway = false;
    page.invalidate();
    page.invalidate();
    await aMoment();
    await aMoment();
    expect(lost.state).toMatchObject({ error: null, data: 1 });
    page.invalidate();
    await aMoment();
    expect(answers).toBe(1);
  });

  it('says in one sentence why there is nothing', async () => {
    const failing = new Resource(() => Promise.reject(new ApiError('There is no run.', 404)));
    page.attend(failing);
    page.active = true;
    await aMoment();
    expect(failing.state).toMatchObject({ ready: true, error: 'There is no run.', data: null });
  });
});

describe('histories', () => {
  it('get over an error, below which nothing is in sight', async () => {
    let isAway = true;
    const model = new Histories(
      {
        histories: async (runId, keys) => {
          if (isAway) {
            throw new ApiError('Nobody answers.');
          }
          return keys.map(key => aSeries(runId, key, [1, 2]));
        }
      },
      'a',
      500
    );
    model.active = true;
    const leave = model.follow(aMetric('loss'));
    await aMoment();
    expect(model.state.error).toBe('Nobody answers.');
    leave();
    isAway = false;
    model.askAgain();
    await aMoment();
    expect(model.state.error).toBeNull();
    model.follow(aMetric('loss'));
    await aMoment();
    expect([...model.state.series.keys()]).toEqual(['loss']);
    model.active = false;
  });

  it('come together for all that is in sight, and again only for those that grew', async () => {
    const asked: string[][] = [];
    const server = {
      histories: async (runId: string, keys: readonly string[]) => {
        asked.push([...keys]);
        return keys.map(key => aSeries(runId, key, [1, 2]));
      }
    };
    const model = new Histories(server, 'a', 500);
    model.active = true;
    await aMoment();
    model.follow(aMetric('loss'));
    const leave = model.follow(aMetric('acc'));
    await aMoment();
    await aMoment();
    expect(asked.flat().sort()).toEqual(['acc', 'loss']);
    leave();
    model.follow(aMetric('loss', { count: 2 }));
    await aMoment();
    await aMoment();
    expect(asked.flat().sort()).toEqual(['acc', 'loss', 'loss']);
    expect([...model.state.series.keys()].sort()).toEqual(['acc', 'loss']);
    model.active = false;
  });
});
