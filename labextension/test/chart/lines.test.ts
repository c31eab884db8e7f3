import { describe, expect, it } from 'vitest';

import { nearest, notAboveZero, outside, withoutOutliers } from '../../src/chart/axes';
import { barsOf, figureOf, type ILine, isSingle } from '../../src/chart/lines';
import { scaleOf } from '../../src/chart/scale';
import { scatterFigure } from '../../src/chart/scatter';
import { smoothed } from '../../src/chart/smoothing';
import { asText } from '../../src/chart/text';
import { themed } from '../../src/chart/themed';

const LOOK = { color: '#0072b2', dash: 'solid' } as const;
const PLAIN = {
  ...{ smoothing: 0, logX: false, logY: false, clipped: false, isTime: false, range: null },
  title: 'step'
};

function aLine(y: (number | null)[], rest: Partial<ILine> = {}): ILine {
  const line = { id: 'a', name: 'run a', look: LOOK, x: y.map((_, i) => i), y };
  return { ...line, low: null, high: null, n: null, ...rest };
}

describe('smoothing', () => {
  it('begins at the first value and nears the others', () => {
    expect(smoothed([4, 4, 4], 0.9).map(value => value?.toFixed(9))).toEqual(
      Array(3).fill('4.000000000')
    );
    const [first, second] = smoothed([0, 1], 0.5);
    expect(first).toBe(0);
    expect(second).toBeCloseTo(2 / 3);
  });

  it('carries nothing across a gap', () => {
    expect(smoothed([100, null, 1], 0.9)).toEqual([100, null, expect.closeTo(1)]);
  });

  it('of zero changes nothing', () => {
    expect(smoothed([3, null, 1], 0)).toEqual([3, null, 1]);
  });
});

describe('axes', () => {
  it('count what a logarithm cannot show', () => {
    expect(notAboveZero([1, 0, -1, null])).toBe(2);
  });

  it('leave out outliers, but not of a few values or of one', () => {
    const values = [...Array.from({ length: 99 }, (_, i) => i / 99), 1000];
    const range = withoutOutliers(values);
    expect(range?.[1]).toBeLessThan(2);
    expect(outside(values, range ?? [0, 0])).toBe(1);
    expect(withoutOutliers([1, 2, 1000])).toBeNull();
    expect(withoutOutliers(Array(50).fill(7))).toBeNull();
  });

  it('know the nearest place', () => {
    expect(nearest([0, 10, null, 20], 14)).toBe(1);
    expect(nearest([], 1)).toBe(-1);
  });
});

describe('the figure of lines', () => {
  it('has the raw line faint behind the smoothed one', () => {
    const { data } = figureOf([aLine([1, null, 3])], { ...PLAIN, smoothing: 0.5 });
    expect(data).toMatchObject([
      { y: [1, null, 3], hoverinfo: 'skip' },
      { y: [1, null, 3], meta: 'a' }
    ]);
  });

  it('has a band behind few lines, and none behind many', () => {
    const line = aLine([2], { low: [1], high: [3] });
    expect(figureOf([line], PLAIN).data).toHaveLength(3);
    expect(figureOf(Array(13).fill(line), PLAIN).data).toHaveLength(13);
  });

  it('says how many points it does not show', () => {
    const { dropped, layout } = figureOf([aLine([1, 0, -1])], { ...PLAIN, logX: true, logY: true });
    expect(dropped).toBe(3);
    expect([layout.xaxis?.type, layout.yaxis?.type]).toEqual(['log', 'log']);
    const far = aLine([...Array.from({ length: 99 }, (_, i) => i), 1e6]);
    expect(figureOf([far], { ...PLAIN, clipped: true }).beyond).toBeGreaterThan(0);
  });

  it('keeps the part that was zoomed into, as exponents on a logarithmic axis', () => {
    const zoomed = { ...PLAIN, range: [10, 100] };
    expect(figureOf([aLine([1])], zoomed).layout.xaxis?.range).toEqual([10, 100]);
    expect(figureOf([aLine([1])], { ...zoomed, logX: true }).layout.xaxis?.range).toEqual([1, 2]);
  });

  it('says n of a group at each place', () => {
    const { data } = figureOf([aLine([1, 2], { n: [3, 2] })], PLAIN);
    expect(data).toMatchObject([{ text: ['n = 3', 'n = 2'] }]);
  });

  it('is of bars where each line is a single value', () => {
    expect(isSingle([aLine([1]), aLine([])])).toBe(true);
    expect(isSingle([aLine([1, 2])])).toBe(false);
    expect(barsOf([aLine([1])]).data).toMatchObject([{ type: 'bar', x: [1], y: ['a'] }]);
  });
});

describe('texts in figures', () => {
  it('are drawn as they are', () => {
    expect(asText('<a href="x">&amp;</a>')).toBe('&lt;a href="x">&amp;amp;&lt;/a>');
    const { data } = figureOf([aLine([1], { name: '<b>bold</b>' })], PLAIN);
    expect(data).toMatchObject([{ name: '&lt;b>bold&lt;/b>' }]);
  });
});

describe('the scatter', () => {
  const dot = (x: number | string | null, y: number | string | null) => ({
    ...{ id: 'a', name: 'run a', look: LOOK, x, y }
  });
  const options = { xTitle: 'lr', yTitle: 'loss', logX: false, logY: false };

  it('leaves out runs without a place, and says how many', () => {
    const dots = [dot(1, 2), dot(null, 2), dot(0, 2)];
    expect(scatterFigure(dots, options).dropped).toBe(1);
    const figure = scatterFigure(dots, { ...options, logX: true });
    expect(figure.dropped).toBe(2);
    expect(figure.data).toMatchObject([{ x: [1], y: [2], customdata: ['a'] }]);
  });

  it('has categories where there are texts', () => {
    expect(scatterFigure([dot('adam', 1)], options).layout.xaxis?.type).toBe('category');
  });
});

describe('scales', () => {
  it('of numbers go from the lowest to the highest', () => {
    const scale = scaleOf([2, 6, null]);
    expect([2, 4, 6, null, 'x'].map(value => scale.place(value))).toEqual([0, 0.5, 1, null, null]);
    expect(scale.ticks.map(({ text }) => text)).toEqual(['2', '3', '4', '5', '6']);
    expect(scaleOf([3, 3]).place(3)).toBe(0.5);
    expect(scaleOf([]).ticks).toEqual([]);
  });

  it('of names are in order, with no more ticks than can be read', () => {
    const scale = scaleOf(['b', 'a', 'c']);
    expect(scale.place('b')).toBe(0.5);
    expect(scaleOf(Array.from({ length: 100 }, (_, i) => `n${i}`)).ticks.length).toBeLessThan(21);
  });
});

describe('the theme', () => {
  it('gives its ink to what has none', () => {
    const ink = { text: 'black', grid: 'grey', background: 'white', font: 'sans-serif' };
    const layout = themed({ xaxis: { type: 'log' } }, ink);
    expect(layout.font?.color).toBe('black');
    expect(layout.xaxis).toMatchObject({ type: 'log', gridcolor: 'grey' });
  });
});
