/** Something that a tab shows: asked for when it is opened, and again as the run goes on. */
import { LiveModel, type ILiveState } from '../common/live';

export interface IResourceState<T> extends ILiveState {
  readonly data: T | null;
}

export class Resource<T> extends LiveModel<IResourceState<T>> {
  constructor(private readonly load: () => Promise<T>) {
    super({ ready: false, error: null, data: null });
  }

  protected override async refresh(): Promise<void> {
    this.update({ data: await this.load(), ready: true, error: null });
  }
}
