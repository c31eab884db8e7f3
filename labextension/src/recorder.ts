/**
 * The recorder in a notebook's kernel is told what the notebook is, and tells what to keep in it.
 *
 * A kernel with a recorder opens the comm `nbtrail.rules`; others are told nothing. The notebook
 * goes out before a cell is executed, in the same queue, and only if it has changed: nothing is
 * done while nobody executes anything.
 */
import { CommsOverSubshells, type Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

import type { ILiveNotebook } from './document';

export const RULES = 'nbtrail.rules';
export const DOCUMENT = 'nbtrail.document';

/** What is used of a kernel's connection. */
export type IRecorderKernel = Pick<
  Kernel.IKernelConnection,
  'createComm' | 'hasComm' | 'registerCommTarget' | 'removeCommTarget' | 'requestCommInfo'
>;

/** Follows the kernels of one notebook. */
export class RecorderLink {
  private kernel: IRecorderKernel | null = null;
  private document: Kernel.IComm | null = null;
  private told = '';

  constructor(private readonly notebook: ILiveNotebook) {}

  /** Listen to a kernel, and no more to the one before; null if the notebook has none now. */
  async follow(kernel: IRecorderKernel | null): Promise<void> {
    this.kernel?.removeCommTarget(RULES, this.meet);
    this.kernel = kernel;
    this.document = null;
    if (kernel) {
      kernel.registerCommTarget(RULES, this.meet);
      await this.meetAgain(kernel);
    }
  }

  /** Say what the notebook is now, if a recorder is there and does not know it. */
  tell(): void {
    if (this.document === null || this.document.isDisposed) {
      return;
    }
    const cells = this.notebook.cells();
    const text = JSON.stringify(cells);
    if (text !== this.told) {
      this.told = text;
      this.document.send({ cells });
    }
  }

  /** A kernel that was there before this page has opened its comm already. */
  private async meetAgain(kernel: IRecorderKernel): Promise<void> {
    const { content } = await kernel.requestCommInfo({ target_name: RULES });
    const known = content.status === 'ok' ? Object.keys(content.comms) : [];
    if (kernel === this.kernel) {
      known
        .filter(id => !kernel.hasComm(id))
        .forEach(id => this.meet(kernel.createComm(RULES, id)));
    }
  }

  /** Begin to talk with a recorder. */
  private readonly meet = (comm: Kernel.IComm): void => {
    comm.onMsg = ({ content }) => {
      this.notebook.rules = (content.data as { rules: JSONObject }).rules;
    };
    comm.onClose = () => {
      this.document = null;
    };
    comm.send({ rules: this.notebook.rules });
    this.openDocument();
  };

  private openDocument(): void {
    if (this.kernel === null) {
      return;
    }
    const cells = this.notebook.cells();
    this.told = JSON.stringify(cells);
    this.document = this.kernel.createComm(DOCUMENT);
    // In the queue of the execute requests it cannot come too late for the cell it is sent before.
    this.document.commsOverSubshells = CommsOverSubshells.Disabled;
    this.document.open({ cells });
  }
}
