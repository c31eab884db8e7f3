/** The state behind a view: it asks the server while anyone is looking, and signals changes. */
import { ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../api/client';

/** At most one refresh in this many milliseconds, however fast the store changes. */
export const REFRESH_INTERVAL = 200;

/** What every state has. A new object after every change, so that `===` tells. */
export interface ILiveState {
  /** False until the server has answered once. */
  readonly ready: boolean;
  /** One sentence on why nothing can be shown. */
  readonly error: string | null;
}

/** A view's state that follows the store. */
export interface ILive<S extends ILiveState> {
  readonly state: S;
  readonly changed: ISignal<ILive<S>, void>;
  /** Whether anyone is looking; a model at rest asks the server nothing. */
  active: boolean;
  /** Say that the store changed; what is shown follows within a moment. */
  invalidate(): void;
}

/** Keeps a state up to date: `refresh` is what a view has to add. */
export abstract class LiveModel<S extends ILiveState> implements ILive<S> {
  constructor(empty: S) {
    this._state = empty;
  }

  get state(): S {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get active(): boolean {
    return this._active;
  }

  set active(value: boolean) {
    this._active = value;
    this.stale ||= this._state.error !== null;
    void this.work();
  }

  invalidate(): void {
    this.stale = true;
    void this.work();
  }

  /** Say that someone asked for something else, and waits for it. */
  protected hasten(): void {
    this.isAwaited = this.working;
    this.endPause();
    this.invalidate();
  }

  /** Ask again what the server gave no answer to; it may be there again. */
  askAgain(): void {
    if (this.isUnanswered) {
      this.isUnanswered = false;
      this.invalidate();
    }
  }

  /**
   * Ask the server, and `update` the state with its answers.
   *
   * @throws ApiError; its message becomes the state's `error`
   */
  protected abstract refresh(): Promise<void>;

  protected update(change: Partial<S>): void {
    this._state = { ...this._state, ...change };
    this._changed.emit();
  }

  /** One refresh after the other while there is news and someone is looking. */
  private async work(): Promise<void> {
    if (this.working) {
      return;
    }
    this.working = true;
    try {
      while (this.stale && this._active) {
        this.stale = false;
        await this.attempt();
        await this.pause();
      }
    } finally {
      this.working = false;
    }
  }

  /** Let the store change for a moment, unless someone waits for what they asked. */
  private async pause(): Promise<void> {
    if (!this.isAwaited) {
      await new Promise<void>(resolve => {
        this.endPause = resolve;
        setTimeout(resolve, REFRESH_INTERVAL);
      });
    }
    this.isAwaited = false;
  }

  private async attempt(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.isUnanswered = error instanceof ApiError && error.status === 0;
      if (this.isUnanswered && this._state.ready) {
        return; // What is shown stays; `LostNote` says that the server does not answer.
      }
      this.update({ ready: true, error: messageOf(error) } as Partial<S>);
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _state: S;
  private _active = false;
  private stale = true;
  private working = false;
  private isAwaited = false;
  private endPause = () => {};
  private isUnanswered = false;
}

/** What to tell of an error; one of our own making is for those who read the console as well. */
function messageOf(error: unknown): string {
  if (error instanceof ApiError) {
    return error.message;
  }
  reportError(error);
  return String(error);
}
