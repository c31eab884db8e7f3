/** The served models, and what can be done with them. */
import type { IEndpoint, ModelsApi } from '../../api/models';
import { attempt } from '../../common/attempt';
import { type ILiveState, LiveModel } from '../../common/live';

export interface IEndpointsState extends ILiveState {
  readonly endpoints: readonly IEndpoint[];
}

export class EndpointsModel extends LiveModel<IEndpointsState> {
  constructor(private readonly api: ModelsApi) {
    super({ ready: false, error: null, endpoints: [] });
  }

  async start({ model_uri, name }: IEndpoint): Promise<void> {
    await attempt(() => this.api.serve(model_uri, name));
    this.invalidate();
  }

  async stop({ name }: IEndpoint): Promise<void> {
    await attempt(() => this.api.stop(name));
    this.invalidate();
  }

  /** @throws ApiError */
  predict(endpoint: IEndpoint, body: unknown): Promise<unknown> {
    return this.api.predict(endpoint, body);
  }

  protected override async refresh(): Promise<void> {
    this.update({ endpoints: await this.api.endpoints(), ready: true, error: null });
  }
}
