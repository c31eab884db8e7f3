/** The state behind a page about one thing: what the server says of it, and what is mounted there. */
import { AttendedModel } from './attended';
import type { ILiveState } from './live';

export interface IRecordState<T> extends ILiveState {
  readonly record: T | null;
}

export class RecordModel<T> extends AttendedModel<IRecordState<T>> {
  constructor(private readonly load: () => Promise<T>) {
    super({ ready: false, error: null, record: null });
  }

  protected override async refresh(): Promise<void> {
    this.update({ record: await this.load(), ready: true, error: null });
    this.passOn();
  }
}
