import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/client';
import type { IConfig, IPoint, IStats } from '../../src/api/endpoints';
import type { IVersionRecord, RunMetrics } from '../../src/api/registry';
import { REFRESH_INTERVAL } from '../../src/common/live';
import { RecordModel } from '../../src/common/record';
import { Resource } from '../../src/common/resource';
import { filled, latencyFigure, requestsFigure } from '../../src/endpoint/figures';
import { editOf, targetsOf, textsOf } from '../../src/endpoint/forms';
import { sharesOf } from '../../src/endpoint/shares';
import { columnsOf, runsOf, ticked } from '../../src/registry/versions';
import { aMetric } from '../records';

function aVersion(version: string, run_id: string | null): IVersionRecord {
  return {
    ...{ name: 'wine', version, run_id, run_name: run_id, model_id: null, source: '' },
    ...{ stage: 'None', aliases: [], flavor: 'sklearn', creation_timestamp: 0 },
    ...{ description: '', tags: {} }
  };
}

describe('the table of versions', () => {
  it('shows the metrics that most source runs have, and none of the machine', () => {
    const metrics: RunMetrics = new Map([
      ['a', [aMetric('loss'), aMetric('system/cpu')]],
      ['b', [aMetric('auc'), aMetric('loss')]],
      ['c', [aMetric('auc'), aMetric('loss'), aMetric('f1')]]
    ]);
    expect(columnsOf(metrics, 2)).toEqual(['loss', 'auc']);
  });

  it('asks for each source run once, the newest first', () => {
    const versions = [aVersion('1', 'a'), aVersion('2', 'b'), aVersion('3', 'b')];
    expect(runsOf([...versions, aVersion('4', null)], 10)).toEqual(['b', 'a']);
    expect(runsOf(versions, 1)).toEqual(['b']);
  });

  it('has two ticked at most: the third takes the place of the first', () => {
    expect(ticked(['1', '2'], '3')).toEqual(['2', '3']);
    expect(ticked(['1', '2'], '1')).toEqual(['2']);
  });
});

describe('the charts of an endpoint', () => {
  const aPoint = (second: number): IPoint => ({
    ...{ t: second * 1000, requests: 4, errors: 1, refused: 0 },
    ...{ p50: 2, p95: 3, p99: 5 }
  });
  const stats: IStats = {
    period: 1,
    totals: { requests: 12, errors: 3, refused: 0 },
    points: [aPoint(10), aPoint(11), aPoint(20)]
  };

  it('fall to 0 where nothing was asked', () => {
    expect(filled(stats).map(({ t, requests }) => [t / 1000, requests])).toEqual([
      ...[
        [10, 4],
        [11, 4],
        [12, 0],
        [19, 0],
        [20, 4]
      ]
    ]);
  });

  it('have a gap in the latencies there', () => {
    const [p50] = latencyFigure(stats).data as { y: (number | null)[] }[];
    expect(p50.y).toEqual([2, 2, null, null, 2]);
    const words = { requests: 'requests', errors: 'errors', refused: 'refused' };
    const errors = requestsFigure(stats, words).data.at(-1) as { y: number[] };
    expect(errors.y).toEqual([1, 1, 0, 0, 1]);
  });
});

it('shares traffic by weight, whatever the weights add up to', () => {
  const targets = [
    { model_uri: 'models:/wine/1', weight: 3 },
    { model_uri: 'models:/wine/2', weight: 1 }
  ];
  expect(sharesOf(targets)).toEqual([
    ['models:/wine/1', '75 %'],
    ['models:/wine/2', '25 %']
  ]);
});

describe('a page about one thing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks again with what is mounted in it, and nothing while it is hidden', async () => {
    let asked = 0;
    const page = new RecordModel(async () => 'wine');
    const tab = new Resource(async () => ++asked);
    const leave = page.attend(tab);
    page.active = true;
    await vi.advanceTimersByTimeAsync(4 * REFRESH_INTERVAL);
    const before = asked;
    page.invalidate();
    await vi.advanceTimersByTimeAsync(4 * REFRESH_INTERVAL);
    expect(asked).toBeGreaterThan(before);
    page.active = false;
    const hidden = asked;
    page.invalidate();
    tab.invalidate();
    await vi.advanceTimersByTimeAsync(4 * REFRESH_INTERVAL);
    expect(asked).toBe(hidden);
    leave();
  });
});

it('tells a route that an older server does not have from a thing that is not there', () => {
  const place = (error_code: string) => ({ error_code });
  const unknown = new ApiError('', 404, place('ENDPOINT_NOT_FOUND'));
  const gone = new ApiError('', 404, place('RESOURCE_DOES_NOT_EXIST'));
  expect([unknown.isUnknownRoute, gone.isUnknownRoute]).toEqual([true, false]);
});

describe('the forms of an endpoint', () => {
  const config: IConfig = {
    ...{ workers: 2, batch_size: 1, batch_wait_ms: 5, max_queue: 256, deadline_s: 60 },
    ...{ max_body: 1024 * 1024, max_memory_mb: 500, sticky: null, targets: [] }
  };
  const texts = textsOf(config);

  it('send what was changed, in the units of the server', () => {
    expect(texts).toMatchObject({ workers: '2', max_body: '1' });
    expect(editOf(config, texts)).toEqual({ edit: {} });
    const changed = { ...texts, workers: ' 3', max_body: '2', max_memory_mb: '' };
    const edit = { workers: 3, max_body: 2 * 1024 * 1024, max_memory_mb: null };
    expect(editOf(config, changed)).toEqual({ edit });
  });

  it.each(['', 'x', '-1', 'Infinity'])('want numbers, not “%s”', text => {
    expect(editOf(config, { ...texts, workers: text })).toEqual({ wrong: 'workers' });
    expect(targetsOf([{ model_uri: 'models:/a/1', weight: text }])).toEqual({ wrong: 0 });
  });

  it('leave out empty rows of the traffic', () => {
    const rows = [
      { model_uri: ' models:/a/1 ', weight: '3' },
      { model_uri: '', weight: '' }
    ];
    expect(targetsOf(rows)).toEqual({ targets: [{ model_uri: 'models:/a/1', weight: 3 }] });
    expect(targetsOf([{ model_uri: '', weight: '1' }])).toEqual({ wrong: 0 });
    expect(targetsOf([])).toEqual({ wrong: 0 });
  });
});
