/** The log of a job, as it grows. */
import type { JobsApi } from '../api/jobs';
import { LiveModel, type ILiveState } from '../common/live';

/** In milliseconds: a log grows without a change of the store. */
const PAUSE = 1000;
/** In bytes: the end of a long log is what one wants to read. */
const END = 64 * 1024;
const LONGEST = 200_000;

export interface ILogState extends ILiveState {
  readonly text: string;
}

export class LogModel extends LiveModel<ILogState> {
  constructor(
    private readonly api: Pick<JobsApi, 'log'>,
    private readonly jobId: string
  ) {
    super({ ready: false, error: null, text: '' });
  }

  protected override async refresh(): Promise<void> {
    const piece = await this.api.log(this.jobId, this.offset);
    this.offset = piece.offset;
    const text = (this.state.text + piece.text).slice(-LONGEST);
    this.update({ text, ready: true, error: null });
    if (!piece.ended) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.invalidate(), PAUSE);
    }
  }

  private offset = -END;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
