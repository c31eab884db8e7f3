import { describe, expect, it } from 'vitest';

import { choiceIn, DEFAULTS, keyOf, stateOf } from '../../src/compare/choice';

describe('the choice of a comparison', () => {
  it('comes back from the state that it makes, which is short', () => {
    const choice = { ...DEFAULTS, run_ids: ['a', 'b'], log_y: true, range: [1, 2] };
    expect(stateOf(choice)).toEqual({ run_ids: ['a', 'b'], log_y: true, range: [1, 2] });
    expect(choiceIn(stateOf(choice))).toEqual(choice);
    expect(stateOf(DEFAULTS)).toEqual({});
  });

  it('goes by the settings where nothing was chosen', () => {
    const settings = { smoothing: 0.5 };
    expect(choiceIn({}, settings).smoothing).toBe(0.5);
    expect(stateOf(choiceIn({}, settings), settings)).toEqual({});
    const state = stateOf({ ...choiceIn({}, settings), smoothing: 0 }, settings);
    expect(choiceIn(state, settings).smoothing).toBe(0);
  });

  it('takes what a link says wrongly for not said', () => {
    const wrong = {
      ...{ view: 'pie', run_ids: 'a', smoothing: 7, range: [1], limit: 1e9, widths: { a: 'wide' } },
      ...{ pair: ['a'], columns: [1], log_x: 'yes', baseline: 3, band: 'all', unknown: true }
    };
    expect(choiceIn(wrong)).toEqual(DEFAULTS);
  });

  it('is another page for other runs, not for another look at them', () => {
    expect(keyOf({ run_ids: ['b', 'a'], view: 'charts' })).toBe(keyOf({ run_ids: ['a', 'b'] }));
    expect(keyOf({ filter: 'metrics.f1 > 0' })).not.toBe(keyOf({}));
  });
});
