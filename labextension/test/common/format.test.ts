import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  drawable,
  exactNumber,
  formatDuration,
  formatNumber,
  relativeTime
} from '../../src/common/format';

describe('formatNumber', () => {
  it.each([
    [0.123456, '0.1235'],
    [0.5, '0.5'],
    [200, '200'],
    [1234567, '1234567'],
    [-0.00001234567, '-0.00001235'],
    [1.5e-9, '1.5e-9'],
    [123456.789, '123500'],
    [1e21, '1e+21'],
    ['NaN', 'NaN'],
    ['-Infinity', '-∞'],
    [null, 'NaN']
  ] as const)('writes %s as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe('exactNumber', () => {
  it('keeps every digit', () => {
    expect(exactNumber(0.1234567890123)).toBe('0.1234567890123');
    expect(exactNumber(null)).toBe('NaN');
  });
});

describe('formatDuration', () => {
  it.each([
    [17, '17 ms'],
    [8540, '8.5 s'],
    [12_400, '12 s'],
    [185_000, '3 min 5 s'],
    [59_900, '1 min 0 s'],
    [7_800_000, '2 h 10 min']
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('relativeTime', () => {
  beforeEach(() => vi.stubGlobal('document', { documentElement: { lang: 'en' } }));
  afterEach(() => vi.unstubAllGlobals());

  it('counts from now', () => {
    expect(relativeTime(Date.now() - 3 * 60_000)).toBe('3 min. ago');
  });

  it('never speaks of the future, whatever the clock of the server says', () => {
    expect(relativeTime(Date.now() + 60_000)).toBe(relativeTime(Date.now()));
  });
});

describe('drawable', () => {
  it('leaves gaps for what no chart can place', () => {
    expect([1, null, 'NaN', 'Infinity'].map(value => drawable(value as number))).toEqual([
      1,
      null,
      null,
      null
    ]);
  });
});
