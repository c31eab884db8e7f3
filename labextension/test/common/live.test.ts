import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type ILiveState, LiveModel, REFRESH_INTERVAL } from '../../src/common/live';

interface ICount extends ILiveState {
  wanted: number;
  shown: number;
}

/** Shows what was wanted when it asked, a moment later. */
class Counter extends LiveModel<ICount> {
  asked = 0;

  constructor() {
    super({ ready: false, error: null, wanted: 0, shown: 0 });
  }

  want(wanted: number): void {
    this.update({ wanted });
    this.hasten();
  }

  protected override async refresh(): Promise<void> {
    this.asked += 1;
    const { wanted } = this.state;
    await new Promise(resolve => setTimeout(resolve, 10));
    this.update({ ready: true, shown: wanted });
  }
}

let model: Counter;

beforeEach(async () => {
  vi.useFakeTimers();
  model = new Counter();
  model.active = true;
  await vi.advanceTimersByTimeAsync(15); // answered; the interval has begun
});

afterEach(() => {
  model.active = false;
  vi.useRealTimers();
});

it('changes of the store wait for the interval', async () => {
  model.invalidate();
  await vi.advanceTimersByTimeAsync(100);
  expect(model.asked).toBe(1);
  await vi.advanceTimersByTimeAsync(REFRESH_INTERVAL);
  expect(model.asked).toBe(2);
});

it('who asks for something else does not', async () => {
  model.want(1);
  await vi.advanceTimersByTimeAsync(5);
  model.want(2); // while the one before is being answered
  await vi.advanceTimersByTimeAsync(20);
  expect(model.state.shown).toBe(2);
  expect(model.asked).toBe(3);
});

it('after that, changes wait again', async () => {
  model.want(1);
  await vi.advanceTimersByTimeAsync(15);
  model.invalidate();
  await vi.advanceTimersByTimeAsync(100);
  expect(model.asked).toBe(2);
});

it('a mistake of our own is shown, and told to the console', async () => {
  const told = vi.fn();
  vi.stubGlobal('reportError', told);
  const mistake = new TypeError('x is undefined');
  class Mistaken extends Counter {
    protected override refresh(): Promise<void> {
      return Promise.reject(mistake);
    }
  }
  const mistaken = new Mistaken();
  mistaken.active = true;
  await vi.advanceTimersByTimeAsync(15);
  expect(mistaken.state).toMatchObject({ ready: true, error: 'TypeError: x is undefined' });
  expect(told).toHaveBeenCalledWith(mistake);
  mistaken.active = false;
  vi.unstubAllGlobals();
});
