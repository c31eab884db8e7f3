/** Follows each notebook that is open: its model, its button in the toolbar, the marks beside its cells. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, Kernel } from '@jupyterlab/services';
import { ReactWidget } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import React from 'react';

import { RunsApi } from '../api/runs';
import { TrailsApi } from '../api/trails';
import { ServicesContext } from '../common/context';
import type { IRecorders, IRun, IServices } from '../tokens';
import { LongRuns } from './longRuns';
import { paint } from './painter';
import { type ITrackingApi, NotebookTracking } from './tracking';
import { TrackingButton } from './TrackingButton';

/** In milliseconds: marks follow what is typed, but not each key. */
const REMARK = 400;
const VISIBILITY = ['after-show', 'after-hide', 'after-attach', 'after-detach'];

export class Attendance {
  constructor(
    private readonly services: IServices,
    private readonly recorders: IRecorders,
    private readonly contents: Contents.IManager,
    private readonly tell: (run: IRun) => void
  ) {
    const [runs, trails] = [new RunsApi(services.client), new TrailsApi(services.client)];
    this.api = {
      runs: query => runs.runs(query),
      executions: async runId => (await trails.trail(runId)).executions
    };
    recorders.added.connect((_, panel) => this.follow(panel));
  }

  /** In milliseconds: the end of a run that kept the kernel busy for longer is told. */
  set threshold(value: number) {
    this._threshold = value;
  }

  /** What is known of a notebook's tracking. */
  of(panel: NotebookPanel): NotebookTracking {
    const known = this.models.get(panel);
    if (known) {
      return known;
    }
    const { contents, recorders } = this;
    const model = new NotebookTracking(this.api, {
      get path() {
        return contents.localPath(panel.context.path);
      },
      get recorder() {
        return recorders.of(panel)?.state ?? 'none';
      },
      sources: () => sourcesOf(panel)
    });
    this.models.set(panel, model);
    return model;
  }

  /** Its button for the toolbar. */
  button(panel: NotebookPanel): Widget {
    const widget = ReactWidget.create(
      <ServicesContext.Provider value={this.services}>
        <TrackingButton model={this.of(panel)} />
      </ServicesContext.Provider>
    );
    widget.addClass('nbtrail-Tracking-item');
    return widget;
  }

  private follow(panel: NotebookPanel): void {
    const model = this.of(panel);
    const refresh = () => model.invalidate();
    const { storeChanged, trans } = this.services;
    this.recorders.of(panel)?.changed.connect(refresh);
    storeChanged.connect(refresh);
    panel.disposed.connect(() => storeChanged.disconnect(refresh));
    model.changed.connect(() => paint(panel.content, model.state.marks, trans));
    this.remarkOnEdits(panel, model);
    this.watch(panel, model);
    wakeWhileSeen(panel, model);
  }

  private remarkOnEdits({ content, disposed }: NotebookPanel, model: NotebookTracking): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    content.modelContentChanged.connect(() => {
      clearTimeout(timer);
      timer = setTimeout(() => model.remark(), REMARK);
    });
    disposed.connect(() => clearTimeout(timer));
  }

  /** Tell of the end of long runs. */
  private watch({ sessionContext }: NotebookPanel, model: NotebookTracking): void {
    const long = new LongRuns(() => model.latestRun(), this.tell);
    sessionContext.statusChanged.connect((_, status: Kernel.Status) => {
      long.threshold = this._threshold;
      if (status === 'idle') {
        model.settle();
      }
      if (status === 'busy' || status === 'idle') {
        void long.follow(status === 'busy', Date.now());
      }
    });
  }

  private readonly api: ITrackingApi;
  private readonly models = new WeakMap<NotebookPanel, NotebookTracking>();
  private _threshold = Infinity;
}

/** A model at work while its notebook is in sight. */
function wakeWhileSeen(panel: NotebookPanel, model: NotebookTracking): void {
  const look = () => {
    model.active = panel.isVisible && !document.hidden;
  };
  MessageLoop.installMessageHook(panel, (_, { type }) => {
    if (VISIBILITY.includes(type)) {
      queueMicrotask(look);
    }
    return true;
  });
  document.addEventListener('visibilitychange', look);
  panel.disposed.connect(() => {
    document.removeEventListener('visibilitychange', look);
    model.active = false;
  });
  look();
}

function sourcesOf({ content }: NotebookPanel): Map<string, string> {
  const cells = content.model?.sharedModel.cells ?? [];
  return new Map(cells.map(cell => [cell.id, cell.source]));
}
