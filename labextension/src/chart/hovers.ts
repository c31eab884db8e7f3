/** What is under the pointer in one of several charts, for the others to show, too. */
import { type ISignal, Signal } from '@lumino/signaling';

export interface IHover {
  /** The chart that the pointer is in. */
  readonly from: unknown;
  /** The line under it. */
  readonly id: string;
  readonly x: number;
}

export class Hovers {
  /** Emits null when the pointer leaves. */
  get moved(): ISignal<this, IHover | null> {
    return this._moved;
  }

  move(hover: IHover | null): void {
    this._moved.emit(hover);
  }

  private readonly _moved = new Signal<this, IHover | null>(this);
}
