import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Connection } from '../../src/api/connection';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('is told lost once, and asked for less and less often until it is back', async () => {
  let isThere = false;
  let asked = 0;
  const connection = new Connection(async () => {
    asked += 1;
    return isThere;
  });
  const told: boolean[] = [];
  connection.changed.connect((_, value) => told.push(value));
  connection.lose();
  connection.lose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([false]);
  expect(asked).toBe(7); // after 1, 2, 4, 8, and then each 15 seconds
  isThere = true;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(told).toEqual([false, true]);
  connection.lose();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([false, true, false, true]);
});
