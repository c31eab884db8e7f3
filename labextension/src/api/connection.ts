/** Notices that the server is not to be reached, and asks until it is again. */
import { type ISignal, Signal } from '@lumino/signaling';

/** In milliseconds between two questions: twice as long each time. */
const FIRST = 1_000;
const LONGEST = 15_000;

export class Connection {
  /**
   * @param answers asks the server for anything; whether there was an answer
   */
  constructor(private readonly answers: () => Promise<boolean>) {}

  /** Emits whether the server is there, when that has changed. */
  get changed(): ISignal<this, boolean> {
    return this._changed;
  }

  get isThere(): boolean {
    return !this.isLost;
  }

  /** Take in that a request got no answer. */
  lose(): void {
    if (!this.isLost) {
      this.isLost = true;
      this._changed.emit(false);
      void this.regain();
    }
  }

  private async regain(): Promise<void> {
    let pause = FIRST;
    do {
      await new Promise(resolve => setTimeout(resolve, pause));
      pause = Math.min(2 * pause, LONGEST);
    } while (!(await this.answers()));
    this.isLost = false;
    this._changed.emit(true);
  }

  private readonly _changed = new Signal<this, boolean>(this);
  private isLost = false;
}
