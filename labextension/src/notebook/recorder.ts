/**
 * The recorder in a notebook's kernel is told what the notebook is, and tells what to keep in it.
 *
 * A kernel with a recorder opens the comm `nbtrail.rules`. From then on the notebook goes out before
 * a cell is executed, in the same queue, and only if it has changed: nothing is done while nobody
 * executes anything.
 *
 * What is sent by comm comes too late for *Run All* in a fresh kernel, whose cells are all queued
 * before the first of them has loaded the recorder. So until the two have met, the requests that a
 * recorder may begin with, the first and those that name it, carry the notebook in their metadata.
 */
import { CommsOverSubshells, type Kernel, type KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ILiveNotebook } from './document';

export const RULES = 'nbtrail.rules';
export const DOCUMENT = 'nbtrail.document';

/** Whether a recorder is in the kernel, and whether it records. */
export type RecorderState = 'none' | 'off' | 'on';

const NAMES_RECORDER = /\bnbtrail\b/;
const RESTARTS: readonly Kernel.Status[] = ['restarting', 'autorestarting'];

/** What is used of a kernel's connection. */
export type IRecorderKernel = Pick<
  Kernel.IKernelConnection,
  | 'connectionStatusChanged'
  | 'createComm'
  | 'handleComms'
  | 'hasComm'
  | 'registerCommTarget'
  | 'removeCommTarget'
  | 'requestCommInfo'
  | 'requestExecute'
  | 'statusChanged'
>;

/** What a recorder says; also unasked, when its rules change or it is turned on or off. */
interface IRecorderSays {
  rules?: JSONObject;
  on?: boolean;
}

/**
 * Hear a recorder out where there is no notebook: to JupyterLab, a comm that nobody takes is an
 * error.
 */
export function hearOut(kernel: IRecorderKernel | null): void {
  kernel?.registerCommTarget(RULES, () => undefined);
}

/** Follows the kernels of one notebook. */
export class RecorderLink {
  /** Emits when a recorder came, went, or was turned on or off. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): RecorderState {
    return this.comm === null ? 'none' : this.isOn ? 'on' : 'off';
  }

  private readonly _changed = new Signal<this, void>(this);
  private isOn = true;
  private kernel: IRecorderKernel | null = null;
  private document: Kernel.IComm | null = null;
  private told = '';
  /** Whether nothing was executed yet. */
  private isFresh = true;

  constructor(private readonly notebook: ILiveNotebook) {}

  /** Listen to a kernel, and no more to the one before; null if the notebook has none now. */
  async follow(kernel: IRecorderKernel | null): Promise<void> {
    this.kernel?.removeCommTarget(RULES, this.meet);
    this.kernel?.statusChanged.disconnect(this.onStatus);
    this.kernel?.connectionStatusChanged.disconnect(this.onConnection);
    this.kernel = kernel;
    this.document = null;
    this.isFresh = true;
    this._changed.emit();
    if (kernel?.handleComms) {
      kernel.registerCommTarget(RULES, this.meet);
      kernel.statusChanged.connect(this.onStatus);
      kernel.connectionStatusChanged.connect(this.onConnection);
      this.accompany(kernel);
      await this.meetAgain(kernel);
    }
  }

  /** Say what the notebook is now, if a recorder is there and does not know it. */
  tell(): void {
    const comm = this.comm;
    if (comm === null) {
      return;
    }
    const cells = this.notebook.cells();
    const text = JSON.stringify(cells);
    if (text !== this.told) {
      this.told = text;
      comm.send({ cells });
    }
  }

  /** By which the recorder is told of the notebook; null if it was not met yet. */
  private get comm(): Kernel.IComm | null {
    return this.document?.isDisposed ? null : this.document;
  }

  /** Let the requests of cells take along what `beside` says. */
  private accompany(kernel: IRecorderKernel): void {
    const send = kernel.requestExecute.bind(kernel);
    kernel.requestExecute = (content, disposeOnDone, metadata) => {
      const isOfCell = kernel === this.kernel && metadata?.cellId !== undefined;
      const beside = isOfCell ? this.beside(content.code) : {};
      return send(content, disposeOnDone, { ...metadata, ...beside });
    };
  }

  /** The notebook, if a recorder may begin with this code. */
  private beside(code: string): JSONObject {
    const carries = this.comm === null && (this.isFresh || NAMES_RECORDER.test(code));
    this.isFresh = false;
    return carries ? { [DOCUMENT]: { origin: 'live', cells: this.notebook.cells() } } : {};
  }

  private readonly onStatus = (_: unknown, status: Kernel.Status): void => {
    if (RESTARTS.includes(status)) {
      this.isFresh = true;
      this._changed.emit();
    }
  };

  /** After a restart, a recorder that starts with the kernel may have spoken to nobody. */
  private readonly onConnection = (_: unknown, status: Kernel.ConnectionStatus): void => {
    if (status === 'connected' && this.kernel) {
      this._changed.emit();
      void this.meetAgain(this.kernel);
    }
  };

  /** A kernel that was there before this page has opened its comm already. */
  private async meetAgain(kernel: IRecorderKernel): Promise<void> {
    const reply = await kernel.requestCommInfo({ target_name: RULES }).catch(() => null);
    const known = reply?.content.status === 'ok' ? Object.keys(reply.content.comms) : [];
    if (kernel === this.kernel) {
      known
        .filter(id => !kernel.hasComm(id))
        .forEach(id => this.meet(kernel.createComm(RULES, id)));
    }
  }

  /** Begin to talk with a recorder. */
  private readonly meet = (comm: Kernel.IComm, opening?: KernelMessage.ICommOpenMsg): void => {
    comm.onMsg = ({ content }) => {
      this.take(content.data as IRecorderSays);
    };
    comm.onClose = () => {
      this.document = null;
      this._changed.emit();
    };
    this.isOn = (opening?.content.data as IRecorderSays | undefined)?.on ?? true;
    comm.send({ rules: this.notebook.rules });
    this.openDocument();
  };

  private take({ rules, on }: IRecorderSays): void {
    if (rules !== undefined) {
      this.notebook.rules = rules;
    }
    if (on !== undefined && on !== this.isOn) {
      this.isOn = on;
      this._changed.emit();
    }
  }

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
    this._changed.emit();
  }
}
