/** One answer of the server, asked for anew when the store has changed. */
import { LiveModel, type ILiveState } from '../common/live';

export interface IAskedState<T> extends ILiveState {
  readonly data: T | null;
}

export class Asked<T> extends LiveModel<IAskedState<T>> {
  constructor(private readonly ask: () => Promise<T>) {
    super({ ready: false, error: null, data: null });
  }

  protected override async refresh(): Promise<void> {
    this.update({ data: await this.ask(), ready: true, error: null });
  }
}
