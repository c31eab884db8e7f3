import { describe, expect, it } from 'vitest';

import { asksForPanel, pageIn, searchFor } from '../../src/pages/link';

describe('a link to a page', () => {
  it('comes back as the page that it was made of', () => {
    const link = { kind: 'compare', state: { runs: ['a&b', 'ü=?'], x: 'step', log: [true, null] } };
    expect(pageIn(searchFor(link))).toEqual(link);
  });

  it('stands beside what else is in an address', () => {
    expect(pageIn('?reset&nbtrail=run:{"run_id":"1"}&x=2')).toEqual({
      kind: 'run',
      state: { run_id: '1' }
    });
  });

  it.each(['', '?nbtrail=', '?nbtrail=run', '?nbtrail=run:{', '?nbtrail=run:[1]', '?nbtrail=:{}'])(
    'is no page in %s',
    search => expect(pageIn(search)).toBeNull()
  );
});

it('may ask for the panel alone', () => {
  expect(['?nbtrail=panel', '?reset', '?nbtrail=run:{}'].map(asksForPanel)).toEqual([
    true,
    false,
    false
  ]);
});
