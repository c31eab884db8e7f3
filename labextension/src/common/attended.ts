/** A model that keeps others awake: those of the views that are mounted in its page. */
import { LiveModel, type ILiveState } from './live';

/** What can be awake or at rest. */
export interface IWakeable {
  active: boolean;
  invalidate(): void;
}

export abstract class AttendedModel<S extends ILiveState> extends LiveModel<S> {
  override get active(): boolean {
    return super.active;
  }

  override set active(value: boolean) {
    super.active = value;
    this.mounted.forEach(model => (model.active = value));
  }

  /**
   * Keep a view's model awake as long as the page is.
   *
   * @returns what ends that
   */
  attend(model: IWakeable): () => void {
    this.mounted.add(model);
    model.active = this.active;
    return () => {
      this.mounted.delete(model);
      model.active = false;
    };
  }

  /** Let the mounted views ask again. */
  protected passOn(): void {
    this.mounted.forEach(model => model.invalidate());
  }

  private readonly mounted = new Set<IWakeable>();
}
