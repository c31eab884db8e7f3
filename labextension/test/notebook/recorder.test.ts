import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { IDocumentCell, ILiveNotebook } from '../../src/notebook/document';
import {
  DOCUMENT,
  hearOut,
  RecorderLink,
  RULES,
  type IRecorderKernel
} from '../../src/notebook/recorder';

type OnOpen = (comm: Kernel.IComm) => void;

const aCell = (cell_id: string, source: string): IDocumentCell => ({
  cell_id,
  kind: 'code',
  source,
  tags: []
});

class FakeNotebook implements ILiveNotebook {
  list = [aCell('a', 'x = 1')];
  rules: JSONObject = { ignore: ['acc'] };

  cells() {
    return this.list;
  }
}

/** A kernel that keeps what it is sent, by the target of the comm. */
class FakeKernel {
  readonly sent: [string, JSONObject][] = [];
  readonly targets = new Map<string, OnOpen>();
  readonly comms = new Map<string, Kernel.IComm>();
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  /** The metadata of what was executed. */
  readonly executed: (JSONObject | undefined)[] = [];

  /** Comms that were opened before anyone listened, and whether this connection has them. */
  constructor(
    readonly opened: string[] = [],
    readonly handleComms = true
  ) {}

  /** What the recorder does when it is loaded. */
  open(id: string): Kernel.IComm {
    const comm = this.createComm(RULES, id);
    this.targets.get(RULES)?.(comm);
    return comm;
  }

  registerCommTarget(target: string, onOpen: OnOpen) {
    this.targets.set(target, onOpen);
  }

  removeCommTarget(target: string) {
    this.targets.delete(target);
  }

  hasComm(id: string) {
    return this.comms.has(id);
  }

  createComm(targetName: string, commId = `of ${targetName}`) {
    const keep = (data: JSONObject) => this.sent.push([targetName, data]);
    const comm = { targetName, commId, isDisposed: false, open: keep, send: keep };
    this.comms.set(commId, comm as unknown as Kernel.IComm);
    return comm as unknown as Kernel.IComm;
  }

  requestExecute(_content: { code: string }, _dispose?: boolean, metadata?: JSONObject) {
    this.executed.push(metadata);
  }

  /** What the kernel's requests carry of the notebook, when these cells are executed. */
  run(...sources: string[]): unknown[] {
    sources.forEach(code => this.requestExecute({ code }, false, { cellId: 'a' }));
    return this.executed.splice(0).map(metadata => metadata?.[DOCUMENT]);
  }

  /** What a restart does to a connection. */
  restart() {
    this.comms.forEach(comm => Object.assign(comm, { isDisposed: true }));
    this.comms.clear();
    this.statusChanged.emit('restarting');
  }

  async requestCommInfo() {
    const comms = Object.fromEntries(this.opened.map(id => [id, { target_name: RULES }]));
    return { content: { status: 'ok', comms } };
  }
}

const follow = (link: RecorderLink, kernel: FakeKernel | null) =>
  link.follow(kernel as unknown as IRecorderKernel | null);

let notebook: FakeNotebook;
let kernel: FakeKernel;
let link: RecorderLink;

beforeEach(async () => {
  notebook = new FakeNotebook();
  kernel = new FakeKernel();
  link = new RecorderLink(notebook);
  await follow(link, kernel);
});

describe('a kernel without a recorder', () => {
  it('is told nothing', () => {
    link.tell();
    expect(kernel.sent).toEqual([]);
  });
});

describe('a recorder', () => {
  it('is told the rules and the notebook as soon as it is there', () => {
    kernel.open('one');
    expect(kernel.sent).toEqual([
      [RULES, { rules: { ignore: ['acc'] } }],
      [DOCUMENT, { cells: [aCell('a', 'x = 1')] }]
    ]);
  });

  it('is told the notebook again only when it has changed', () => {
    kernel.open('one');
    link.tell();
    expect(kernel.sent).toHaveLength(2);
    notebook.list = [aCell('b', 'y = 2'), aCell('a', 'x = 1')];
    link.tell();
    link.tell();
    expect(kernel.sent).toHaveLength(3);
    expect(kernel.sent[2]).toEqual([DOCUMENT, { cells: notebook.list }]);
  });

  it('has its changes written into the notebook', () => {
    const comm = kernel.open('one');
    comm.onMsg({ content: { data: { rules: { metrics: ['speed'] } } } } as never);
    expect(notebook.rules).toEqual({ metrics: ['speed'] });
    expect(kernel.sent).toHaveLength(2);
  });

  it('is told nothing once it has gone', () => {
    kernel.open('one').onClose({} as never);
    notebook.list = [];
    link.tell();
    expect(kernel.sent).toHaveLength(2);
  });

  it('is met once more after a restart', () => {
    kernel.open('one');
    kernel.open('two');
    expect(kernel.sent).toHaveLength(4);
  });
});

describe('what is executed before the recorder is met', () => {
  const carried = { origin: 'live', cells: [aCell('a', 'x = 1')] };

  it('carries the notebook where a recorder may begin', () => {
    const carries = kernel.run('x = 1', 'y = 2', '%load_ext nbtrail', 'z = 3');
    expect(carries).toEqual([carried, undefined, carried, undefined]);
  });

  it('carries nothing once it is met, and something after a restart', () => {
    kernel.open('one');
    expect(kernel.run('%load_ext nbtrail')).toEqual([undefined]);
    kernel.restart();
    expect(kernel.run('x = 1', 'y = 2')).toEqual([carried, undefined]);
  });

  it('carries nothing that is no cell, or of another notebook', async () => {
    kernel.requestExecute({ code: 'import nbtrail' });
    expect(kernel.executed.splice(0)).toEqual([{}]);
    await follow(link, new FakeKernel());
    expect(kernel.run('%load_ext nbtrail')).toEqual([undefined]);
  });
});

describe('kernels that come and go', () => {
  it('are met again when the page is opened anew', async () => {
    const running = new FakeKernel(['one']);
    await follow(link, running);
    expect(running.sent.map(([target]) => target)).toEqual([RULES, DOCUMENT]);
    expect(kernel.targets.size).toBe(0);
  });

  it('are met again when they have restarted, with a recorder from their start', async () => {
    kernel.open('one');
    kernel.restart();
    kernel.opened.push('two');
    kernel.connectionStatusChanged.emit('connected');
    await vi.waitFor(() => {
      expect(kernel.sent.slice(2).map(([target]) => target)).toEqual([RULES, DOCUMENT]);
    });
  });

  it('are left alone where another notebook has their comms', async () => {
    const shared = new FakeKernel(['one'], false);
    await follow(link, shared);
    expect(shared.run('%load_ext nbtrail')).toEqual([undefined]);
    expect(shared.sent).toEqual([]);
  });

  it('are heard out where there is no notebook', () => {
    const console = new FakeKernel();
    hearOut(console as unknown as IRecorderKernel);
    console.open('one');
    expect(console.sent).toEqual([]);
  });

  it('leave nothing behind', async () => {
    kernel.open('one');
    await follow(link, null);
    link.tell();
    expect(kernel.sent).toHaveLength(2);
  });
});

describe('what the recorder is said to do', () => {
  const say = (comm: Kernel.IComm, data: JSONObject) =>
    comm.onMsg({ content: { data } } as unknown as Parameters<Kernel.IComm['onMsg']>[0]);

  it('follows the kernel: none, on, off, on, and none again', () => {
    const seen = [link.state];
    link.changed.connect(() => seen.push(link.state));
    const comm = kernel.open('first');
    say(comm, { on: false });
    say(comm, { on: true });
    say(comm, { on: true });
    kernel.restart();
    expect(seen).toEqual(['none', 'on', 'off', 'on', 'none']);
    expect(notebook.rules).toEqual({ ignore: ['acc'] });
  });
});
