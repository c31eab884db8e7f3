/** One answer of the server: asked for when it is to be shown, and again as what it is about changes. */
import { LiveModel, type ILiveState } from './live';

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
