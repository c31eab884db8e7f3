/** Notices when a notebook's kernel has been at work for long and comes to rest with a run. */
import type { IRun } from '../tokens';

export class LongRuns {
  private since: number | null = null;

  constructor(
    private readonly latestRun: () => Promise<IRun | null>,
    private readonly tell: (run: IRun) => void,
    /** In milliseconds; not finite if nothing is to be told. */
    public threshold = Infinity
  ) {}

  /** Take in that the kernel works now, or does not. */
  async follow(isBusy: boolean, now: number): Promise<void> {
    if (isBusy) {
      this.since ??= now;
      return;
    }
    const began = this.since;
    this.since = null;
    if (began !== null && now - began >= this.threshold) {
      await this.look(began);
    }
  }

  /** Tell of the run that ended in the time that has passed since, if one did. */
  private async look(began: number): Promise<void> {
    const run = await this.latestRun().catch(() => null); // Who does not answer has told of it.
    if (run?.info.end_time && run.info.end_time >= began && run.info.status !== 'RUNNING') {
      this.tell(run);
    }
  }
}
