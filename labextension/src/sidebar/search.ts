/** The search box: what could stand at the cursor, what is wrong, and which filter is meant. */
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api/client';
import type { ICompletion, IMatch } from '../api/runs';

export interface ISearchState {
  readonly text: string;
  /** Where the cursor belongs after a match was taken; in UTF-16 units, as the browser counts. */
  readonly cursor: number;
  readonly matches: readonly IMatch[];
  /** The match that Enter takes; -1 if none. */
  readonly active: number;
  /** What is wrong with the filter, as far as it is not merely unfinished. */
  readonly error: string | null;
}

export interface ICompleter {
  complete(text: string, position: number): Promise<ICompletion>;
}

/** How many matches are offered at once. */
const MOST = 12;
const EMPTY: ISearchState = { text: '', cursor: 0, matches: [], active: -1, error: null };
const PLAIN_WORDS = /^[\w\s-]+$/;

/** Follows what is typed; `apply` is given each filter that makes sense. */
export class SearchModel {
  constructor(
    private readonly api: ICompleter,
    private readonly apply: (filter: string) => void
  ) {}

  get state(): ISearchState {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take in what stands in the box, with the cursor at `cursor`. */
  async type(text: string, cursor: number): Promise<void> {
    this.isLeft = false;
    this.update({ text, cursor, active: -1 });
    await this.ask();
  }

  /** Take in that the server is there again: what it has not heard may be a filter. */
  async askAgain(): Promise<void> {
    if (this.isUnanswered) {
      await this.ask();
    }
  }

  /** Put a match in the place of what it completes. */
  async choose(match: IMatch): Promise<void> {
    const { text } = this._state;
    const [before, after] = [units(text, this.start), units(text, this.end)];
    const isPart = match.text.endsWith('.') || text[after] === ' ';
    const inserted = isPart ? match.text : `${match.text} `;
    const cursor = before + inserted.length + Number(text[after] === ' ');
    await this.type(text.slice(0, before) + inserted + text.slice(after), cursor);
  }

  /** Go to the next match, or with -1 to the one before, round and round. */
  move(by: 1 | -1): void {
    const { matches, active } = this._state;
    const count = matches.length;
    const from = active < 0 && by < 0 ? 0 : active;
    this.update({ active: count > 0 ? (from + by + count) % count : -1 });
  }

  /** Offer nothing more; say also what is missing at the end. An answer to come still filters. */
  close(): void {
    this.isLeft = true;
    this.update({ matches: [], active: -1, error: this.problem });
  }

  clear(): void {
    this.asked += 1;
    this.isUnanswered = false;
    this.problem = null;
    this.update(EMPTY);
    this.apply('');
  }

  private async ask(): Promise<void> {
    const { text, cursor } = this._state;
    const asked = ++this.asked;
    try {
      const answer = await this.api.complete(text, characters(text, cursor));
      if (asked === this.asked) {
        this.isUnanswered = false;
        this.take(text, answer);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      if (asked === this.asked) {
        this.isUnanswered = error.status === 0;
        this.problem = error.message;
        this.update({ matches: [], error: this.problem });
      }
    }
  }

  private take(text: string, { matches, start, end, error }: ICompletion): void {
    [this.start, this.end] = [start, end];
    const filter = filterOf(text, { matches, start, end, error });
    this.problem = filter === null ? (error?.message ?? null) : null;
    const isUnfinished = (error?.position ?? 0) >= characters(text.trimEnd(), text.length);
    this.update({
      matches: this.isLeft ? [] : matches.slice(0, MOST),
      error: isUnfinished && !this.isLeft ? null : this.problem
    });
    if (filter !== null) {
      this.apply(filter);
    }
  }

  private update(change: Partial<ISearchState>): void {
    this._state = { ...this._state, ...change };
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _state = EMPTY;
  private asked = 0;
  private start = 0;
  private end = 0;
  private problem: string | null = null;
  /** Whether nobody is at the box: nothing is offered. */
  private isLeft = false;
  /** Whether the server has not heard what stands in the box. */
  private isUnanswered = false;
}

/**
 * The filter that a text means; null if it means none. Words that the grammar has no use for
 * are looked for in the names of runs.
 */
export function filterOf(text: string, { matches, error }: ICompletion): string | null {
  const trimmed = text.trim();
  if (error === null || trimmed === '') {
    return trimmed;
  }
  const isWords = PLAIN_WORDS.test(trimmed) && matches.length === 0;
  return isWords ? `attributes.run_name ILIKE '%${trimmed}%'` : null;
}

/** How many characters the first `units` UTF-16 units are. */
function characters(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}

function units(text: string, characters: number): number {
  return [...text].slice(0, characters).join('').length;
}
