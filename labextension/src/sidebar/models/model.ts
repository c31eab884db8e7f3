/** The registered models, and what can be done with their versions. */
import type { IModel, IVersion, ModelsApi, Stage } from '../../api/models';
import { attempt } from '../../common/attempt';
import { type ILiveState, LiveModel } from '../../common/live';

export interface IModelsState extends ILiveState {
  readonly models: readonly IModel[];
}

export class ModelsModel extends LiveModel<IModelsState> {
  constructor(private readonly api: ModelsApi) {
    super({ ready: false, error: null, models: [] });
  }

  stage(version: IVersion, stage: Stage): Promise<void> {
    return this.do(() => this.api.stage(version, stage));
  }

  setAlias(version: IVersion, alias: string): Promise<void> {
    return this.do(() => this.api.setAlias(version, alias));
  }

  dropAlias(model: string, alias: string): Promise<void> {
    return this.do(() => this.api.dropAlias(model, alias));
  }

  serve({ name, version }: IVersion, endpoint: string): Promise<void> {
    const uri = `models:/${name}/${version}`;
    return this.do(() => this.api.serve(uri, endpoint));
  }

  protected override async refresh(): Promise<void> {
    this.update({ models: await this.api.models(), ready: true, error: null });
  }

  private async do(work: () => Promise<unknown>): Promise<void> {
    await attempt(work);
    this.invalidate();
  }
}
