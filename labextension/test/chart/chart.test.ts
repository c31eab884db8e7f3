import { describe, expect, it } from 'vitest';

import { chartedRuns, defaultMetric, metricKeys } from '../../src/chart/choice';
import type { ICurve } from '../../src/chart/figure';
import { axisOf, layout, pointsDrawn, traces } from '../../src/chart/figure';
import { Looks } from '../../src/chart/looks';
import type { ISeries } from '../../src/tokens';
import { aMetric, aRun, aSeries } from '../records';

function aCurve(series: ISeries): ICurve {
  return { series, name: `run ${series.run_id}`, look: { color: '#0072b2', dash: 'solid' } };
}

describe('the choice of what to chart', () => {
  const runs = [
    aRun('new', { metrics: [aMetric('accuracy'), aMetric('loss', { count: 20 })] }),
    aRun('old', { metrics: [aMetric('accuracy', { count: 3 }), aMetric('auc')] })
  ];

  it('is the newest run while none is ticked', () => {
    expect(chartedRuns({ runs, selected: [] })).toEqual([runs[0]]);
  });

  it('is the ticked runs in the order of the list', () => {
    expect(chartedRuns({ runs, selected: ['old', 'new'] })).toEqual(runs);
  });

  it('prefers metrics that are curves', () => {
    expect(metricKeys([runs[0]])).toEqual(['loss', 'accuracy']);
    expect(metricKeys(runs)).toEqual(['accuracy', 'loss', 'auc']);
    expect(defaultMetric([runs[0]])).toBe('loss');
    expect(defaultMetric([])).toBeNull();
  });
});

describe('the x axis', () => {
  it('has steps where they move', () => {
    expect(axisOf([aSeries('1', 'loss', [1, 2])])).toBe('step');
  });

  it('has time where every point has the same step', () => {
    const still = { ...aSeries('1', 'loss', [1, 2]), step: [0, 0] };
    expect(axisOf([still])).toBe('elapsed');
    expect(traces([aCurve(still)])[0]).toMatchObject({ x: [0, 1] });
  });

  it('has the runs, by name, where each has a single value', () => {
    const curves = ['1', '2'].map(id => aCurve(aSeries(id, 'accuracy', [0.9])));
    expect(traces(curves)).toMatchObject([
      { mode: 'markers', x: ['1'], y: [0.9] },
      { mode: 'markers', x: ['2'], y: [0.9] }
    ]);
    expect(layout(curves, '', 'accuracy').xaxis).toMatchObject({
      tickvals: ['1', '2'],
      ticktext: ['run 1', 'run 2']
    });
  });
});

describe('the traces', () => {
  it('mark the points of a short history only', () => {
    const [short, long] = [3, 100].map(n => aCurve(aSeries('1', 'loss', Array(n).fill(1))));
    expect(traces([short, long])).toMatchObject([{ mode: 'lines+markers' }, { mode: 'lines' }]);
  });

  it('leave a gap for NaN, and do not count it', () => {
    const curve = aCurve(aSeries('1', 'loss', [1, null, 3]));
    expect(traces([curve])).toMatchObject([{ y: [1, null, 3] }]);
    expect(pointsDrawn([curve])).toBe(2);
  });

  it('put a band behind a curve whose points stand for several', () => {
    const series = { ...aSeries('1', 'loss', [2, 2]), total: 900, low: [1, 1], high: [3, 3] };
    const [low, high, line] = traces([aCurve(series)]);
    expect(low).toMatchObject({ y: [1, 1] });
    expect(high).toMatchObject({ y: [3, 3], fill: 'tonexty' });
    expect(line).toMatchObject({ y: [2, 2] });
  });
});

describe('Looks', () => {
  it('are those that somebody chose, until they are taken away', () => {
    const looks = new Looks();
    const own = looks.of('a');
    looks.choose('a', '#123456');
    expect(looks.of('a')).toEqual({ color: '#123456', dash: 'solid' });
    looks.choose('a', 'url(javascript:…)');
    expect(looks.of('a')).toBe(own);
  });

  it('stay with a run', () => {
    const looks = new Looks();
    const first = looks.of('a');
    looks.of('b');
    expect(looks.of('a')).toBe(first);
    expect(new Looks().of('a')).toEqual(first);
  });

  it('differ for as many runs as anyone could tell apart', () => {
    const looks = new Looks();
    const all = Array.from({ length: 24 }, (_, i) => looks.of(`run ${i}`));
    expect(new Set(all).size).toBe(24);
    expect(() => looks.of('one more')).not.toThrow();
  });
});
