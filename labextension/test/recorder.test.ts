import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { beforeEach, describe, expect, it } from 'vitest';

import type { IDocumentCell, ILiveNotebook } from '../src/document';
import { DOCUMENT, RecorderLink, RULES, type IRecorderKernel } from '../src/recorder';

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

  /** Comms that were opened before anyone listened. */
  constructor(readonly opened: string[] = []) {}

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

describe('kernels that come and go', () => {
  it('are met again when the page is opened anew', async () => {
    const running = new FakeKernel(['one']);
    await follow(link, running);
    expect(running.sent.map(([target]) => target)).toEqual([RULES, DOCUMENT]);
    expect(kernel.targets.size).toBe(0);
  });

  it('leave nothing behind', async () => {
    kernel.open('one');
    await follow(link, null);
    link.tell();
    expect(kernel.sent).toHaveLength(2);
  });
});
