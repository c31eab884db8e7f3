import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../../src/api/client';
import type { ICompletion } from '../../src/api/runs';
import { SearchModel } from '../../src/sidebar/search';

const FINE: ICompletion = { matches: [], start: 0, end: 0, error: null };

class FakeGrammar {
  answers: ICompletion[] = [];
  readonly positions: number[] = [];
  failure: Error | null = null;

  async complete(_: string, position: number): Promise<ICompletion> {
    this.positions.push(position);
    if (this.failure) {
      throw this.failure;
    }
    return this.answers.shift() ?? FINE;
  }
}

let grammar: FakeGrammar;
let applied: string[];
let search: SearchModel;

beforeEach(() => {
  grammar = new FakeGrammar();
  applied = [];
  search = new SearchModel(grammar, filter => applied.push(filter));
});

describe('what is typed', () => {
  it('filters as soon as it is a filter', async () => {
    await search.type(' metrics.acc > 0.9 ', 18);
    expect(applied).toEqual(['metrics.acc > 0.9']);
    await search.type('', 0);
    expect(applied).toEqual(['metrics.acc > 0.9', '']);
  });

  it('is not called wrong while it is only unfinished, but when the box is left', async () => {
    grammar.answers = [{ ...FINE, error: { message: 'Something is missing.', position: 13 } }];
    await search.type('metrics.acc >', 13);
    expect(search.state.error).toBeNull();
    expect(applied).toEqual([]);
    search.close();
    expect(search.state.error).toBe('Something is missing.');
  });

  it('is called wrong at once where more words do not help', async () => {
    grammar.answers = [{ ...FINE, error: { message: 'No operator.', position: 8 } }];
    await search.type('metrics. ?? 3', 13);
    expect(search.state.error).toBe('No operator.');
  });

  it('means names of runs where it is plain words that the grammar cannot use', async () => {
    grammar.answers = [{ ...FINE, error: { message: '…', position: 10 } }];
    await search.type('calm-otter', 10);
    expect(applied).toEqual(["attributes.run_name ILIKE '%calm-otter%'"]);
  });

  it('waits while it is the beginning of a word of the grammar', async () => {
    const matches = [{ text: 'metrics.', kind: 'prefix' }];
    grammar.answers = [{ ...FINE, end: 4, matches, error: { message: '…', position: 4 } }];
    await search.type('metr', 4);
    expect(applied).toEqual([]);
    expect(search.state.matches).toEqual(matches);
  });

  it('is told of trouble in the words of the API', async () => {
    grammar.failure = new ApiError('The server sleeps.');
    await search.type('x', 1);
    expect(search.state.error).toBe('The server sleeps.');
  });
});

describe('a match', () => {
  const error = { message: '…', position: 99 };

  it('takes the place of what it completes, and the cursor stands behind it', async () => {
    const matches = [{ text: 'metrics.acc', kind: 'metric' }];
    grammar.answers = [{ matches, start: 2, end: 5, error }];
    await search.type('😀 me > 1', 5);
    expect(grammar.positions).toEqual([4]);
    await search.choose(matches[0]);
    expect(search.state).toMatchObject({ text: '😀 metrics.acc > 1', cursor: 15 });
  });

  it('leaves room for what follows, except after a prefix', async () => {
    grammar.answers = [{ matches: [], start: 0, end: 2, error }, FINE];
    await search.type('me', 2);
    await search.choose({ text: 'metrics.', kind: 'prefix' });
    expect(search.state).toMatchObject({ text: 'metrics.', cursor: 8 });
    grammar.answers = [{ matches: [], start: 0, end: 8, error }];
    await search.type('metrics.', 8);
    await search.choose({ text: 'metrics.acc', kind: 'metric' });
    expect(search.state).toMatchObject({ text: 'metrics.acc ', cursor: 12 });
  });

  it('is reached by the arrows, round and round', async () => {
    const matches = ['a', 'b', 'c'].map(text => ({ text, kind: 'word' }));
    grammar.answers = [{ ...FINE, matches }];
    await search.type('', 0);
    const seen = ([-1, 1, 1, 1, 1] as const).map(by => (search.move(by), search.state.active));
    expect(seen).toEqual([2, 0, 1, 2, 0]);
  });
});

it('an answer that comes too late is dropped', async () => {
  const late = search.type('metrics.a > 1', 13);
  search.clear();
  await late;
  expect(applied).toEqual(['']);
  expect(search.state.text).toBe('');
});

it('an answer that comes after the box was left still filters, and offers nothing', async () => {
  grammar.answers = [{ ...FINE, matches: [{ text: 'and', kind: 'word' }] }];
  const late = search.type('metrics.a > 1', 13);
  search.close();
  await late;
  expect(applied).toEqual(['metrics.a > 1']);
  expect(search.state.matches).toEqual([]);
});

it('a refusal that comes too late is dropped', async () => {
  grammar.failure = new ApiError('The server sleeps.');
  const late = search.type('x', 1);
  search.clear();
  await late;
  expect(search.state.error).toBeNull();
});

it('what the server did not hear is asked again when it is back', async () => {
  grammar.failure = new ApiError('The server sleeps.');
  await search.type('metrics.a > 1', 13);
  search.close();
  expect(search.state.error).toBe('The server sleeps.');
  grammar.failure = null;
  await search.askAgain();
  await search.askAgain();
  expect(applied).toEqual(['metrics.a > 1']);
  expect(search.state.error).toBeNull();
});
