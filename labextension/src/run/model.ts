/** The state behind a run's page: the run itself, and what of its tabs is awake. */
import { type ISignal, Signal } from '@lumino/signaling';

import type { IRunDetail } from '../api/run';
import type { IWakeable } from '../common/attended';
import { LiveModel, type ILiveState } from '../common/live';

export interface IRunState extends ILiveState {
  readonly run: IRunDetail | null;
}

/** What is to be known of one run at any time, whichever tab is open. */
export class RunModel extends LiveModel<IRunState> {
  constructor(private readonly load: () => Promise<IRunDetail>) {
    super({ ready: false, error: null, run: null });
  }

  /** Emits when what the tabs show may be out of date. */
  get moved(): ISignal<this, void> {
    return this._moved;
  }

  protected override async refresh(): Promise<void> {
    const before = this.state.run;
    const run = await this.load();
    const isSame = JSON.stringify(run) === JSON.stringify(before);
    this.update({ run: isSame ? before : run, ready: true, error: null });
    // Other runs change the store, too; but a cell of this one may end without changing its record.
    if (!isSame || isGoingOn(run)) {
      this._moved.emit();
    }
  }

  private readonly _moved = new Signal<this, void>(this);
}

export function isGoingOn({ info }: IRunDetail): boolean {
  return info.status === 'RUNNING' || info.status === 'SCHEDULED';
}

/** What lets a part of the page ask again: the run going on, anything in the store, or nothing. */
export type Follows = 'run' | 'store' | 'nothing';

/** Something that a tab shows. */
type IShown = IWakeable & Pick<LiveModel<ILiveState>, 'askAgain'>;

/** A page of a run: while it is in sight, its run and what is mounted of it are awake. */
export class RunPageModel {
  /** The notes as they were typed and not saved yet; null where they are as saved. */
  get draft(): string | null {
    return this._draft;
  }

  /** Keep such notes while another tab is looked at. */
  keep(draft: string | null): void {
    this._draft = draft;
  }

  constructor(readonly run: RunModel) {
    run.moved.connect(() => this.invalidateThose('run'));
  }

  get active(): boolean {
    return this.run.active;
  }

  set active(value: boolean) {
    this.run.active = value;
    [...this.mounted.keys()].forEach(model => (model.active = value));
  }

  /** Say that the store changed, or that the server is there again. */
  invalidate(): void {
    this.run.invalidate();
    this.invalidateThose('store');
    this.mounted.forEach((_, model) => model.askAgain());
  }

  /**
   * Keep a model awake as long as the page is.
   *
   * @returns what ends that
   */
  attend(model: IShown, follows: Follows = 'run'): () => void {
    this.mounted.set(model, follows);
    model.active = this.active;
    return () => {
      this.mounted.delete(model);
      model.active = false;
    };
  }

  private invalidateThose(followed: Follows): void {
    this.mounted.forEach((follows, model) => follows === followed && model.invalidate());
  }

  private _draft: string | null = null;
  private readonly mounted = new Map<IShown, Follows>();
}
