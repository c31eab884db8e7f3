/**
 * The vocabulary of the panel: records as the native HTTP API sends them, and the protocols
 * between its rooms. Knows no transport and draws nothing.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Client } from './api/client';
import type { Connection } from './api/connection';
import type { Looks } from './chart/looks';
import type { ILive, ILiveState } from './common/live';
import type { RecorderLink } from './notebook/recorder';
import type { Pages } from './pages/pages';

/** The schema of the event that the server emits after each change of the store. */
export const STORE_CHANGED = 'https://nbtrail.dev/events/store-changed/v1';

export const CommandIDs = {
  showPanel: 'nbtrail:show-panel',
  refresh: 'nbtrail:refresh-runs',
  insertSnippet: 'nbtrail:insert-snippet',
  revealCell: 'nbtrail:reveal-cell',
  openRun: 'nbtrail:open-run',
  renameRun: 'nbtrail:rename-run',
  tagRun: 'nbtrail:tag-run',
  noteRun: 'nbtrail:note-run',
  starRun: 'nbtrail:star-run',
  colorRun: 'nbtrail:color-run',
  rerunRun: 'nbtrail:rerun-run',
  reproduceRun: 'nbtrail:reproduce-run',
  restoreNotebook: 'nbtrail:restore-notebook',
  registerModel: 'nbtrail:register-model',
  deleteRuns: 'nbtrail:delete-runs',
  restoreRuns: 'nbtrail:restore-runs',
  copyRunId: 'nbtrail:copy-run-id',
  compareRuns: 'nbtrail:compare-runs',
  turnOn: 'nbtrail:turn-on',
  turnOff: 'nbtrail:turn-off',
  openCurrentRun: 'nbtrail:open-current-run',
  compareNotebook: 'nbtrail:compare-notebook-runs',
  launchNotebook: 'nbtrail:launch-notebook',
  openPage: 'nbtrail:open-page',
  copyLink: 'nbtrail:copy-link'
} as const;

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
export type ParamOrigin = 'explicit' | 'injected' | 'inferred' | 'inherited' | 'autolog';

/** A number on the wire: JSON has neither NaN nor infinities, so these come as words. */
export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export interface IExperiment {
  experiment_id: string;
  name: string;
  lifecycle_stage: 'active' | 'deleted';
  creation_time: number | null;
  last_update_time: number | null;
  run_count: number;
  tags: Record<string, string>;
}

export interface IRunInfo {
  run_id: string;
  experiment_id: string;
  run_name: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  kind: 'explicit' | 'implicit';
  /** The path as the kernel knows it: absolute, or relative to the server's root. */
  notebook: string | null;
  error: string | null;
  lifecycle_stage: 'active' | 'deleted';
}

export interface IParam {
  key: string;
  value: string;
  origin: ParamOrigin;
}

export interface IMetric {
  key: string;
  value: WireNumber;
  step: number;
  timestamp: number;
  /** How many points its history has. */
  count: number;
  min: WireNumber | null;
  max: WireNumber | null;
  /** The cell that logged the latest point, if a cell did. */
  cell_id: string | null;
}

export interface IRun {
  info: IRunInfo;
  params: IParam[];
  metrics: IMetric[];
  tags: Record<string, string>;
  /** The models that it logged. */
  models: { model_id: string }[];
}

/** A metric's history in columns; NaN is null. Longer ones than asked for come in buckets. */
export interface ISeries {
  run_id: string;
  key: string;
  /** Points in the store; more than `value.length` when buckets stand for several. */
  total: number;
  step: number[];
  timestamp: number[];
  value: (WireNumber | null)[];
  low: (WireNumber | null)[];
  high: (WireNumber | null)[];
}

export interface IRunPage {
  runs: IRun[];
  next_page_token: string | null;
}

/** A key that runs have: how many have it, with how many different (latest) values. */
export interface IKeyUse {
  key: string;
  runs: number;
  distinct: number;
}

/** What the runs of an experiment have, the most frequent keys first. */
export interface IKeys {
  /** How many runs there are. */
  runs: number;
  params: IKeyUse[];
  metrics: IKeyUse[];
  tags: IKeyUse[];
}

export type RunView = 'active' | 'deleted';

/** Which runs are meant: of one experiment or (null) of all, the newest first. */
export interface IRunQuery {
  experimentId: string | null;
  filter: string;
  view: RunView;
  maxResults: number;
}

/** What the list of runs asks of the server. Every method rejects with an `ApiError`. */
export interface IRunsApi {
  experiments(): Promise<IExperiment[]>;
  runs(query: IRunQuery): Promise<IRunPage>;
  keys(experimentId: string | null): Promise<IKeys>;
  history(runIds: readonly string[], key: string, points: number): Promise<ISeries[]>;
  /** Of the runs that background jobs are at, by their ids. */
  progress(): Promise<ReadonlyMap<string, IProgress>>;
}

/** How many cells of a run were executed; the total is null until it is known. */
export interface IProgress {
  readonly cells_done: number;
  readonly cells_total: number | null;
}

/** The metrics and params worth a place in the list, by key. */
export interface IColumns {
  readonly metrics: readonly string[];
  readonly params: readonly string[];
}

/** What the list of runs draws. */
export interface ITrailState extends ILiveState {
  readonly experiments: readonly IExperiment[];
  /** Null: all experiments. */
  readonly experimentId: string | null;
  /** In the grammar of filters; empty for all runs. */
  readonly filter: string;
  readonly view: RunView;
  /** Those of the notebook in front come first. */
  readonly runs: readonly IRun[];
  /** How many of them are the notebook's. */
  readonly ownCount: number;
  /** The notebook in front, by its path below the server's root. */
  readonly notebook: string | null;
  readonly hasOlder: boolean;
  readonly columns: IColumns;
  /** Ids of the runs ticked for comparison, in the order of ticking. */
  readonly selected: readonly string[];
  /** How far background jobs have come with the runs that they are at. */
  readonly progress: ReadonlyMap<string, IProgress>;
  /** The charted metric; null when the charted runs have none. */
  readonly metric: string | null;
  readonly series: readonly ISeries[];
}

/** What is known of the store, and what the user chose to look at. */
export interface ITrailModel extends ILive<ITrailState> {
  /** How many runs a page of the list has. */
  pageSize: number;
  /** For how many days runs are listed while nobody filters; 0 for all. */
  retention: number;
  /** Columns that were chosen, as `metrics.KEY` and `params.KEY`; none: what varies. */
  chosenColumns: readonly string[];
  /** What `showExperiment` was called with; undefined if nobody chose. */
  readonly chosenExperiment: string | null | undefined;
  /** Null: all experiments; until this is called, the one with the newest run. */
  showExperiment(experimentId: string | null): void;
  showNotebook(path: string | null): void;
  showOlder(): void;
  show(view: RunView): void;
  filterBy(filter: string): void;
  toggleRun(runId: string): void;
  clearSelection(): void;
  chartMetric(key: string): void;
}

/** What the user's settings say of the views; read anew where it is used. */
export interface IPreferences {
  /** Of the lines in a comparison, from 0 (none) to 0.99. */
  smoothing: number;
}

/** What every view of nbtrail may use. */
export interface IServices {
  readonly client: Client;
  readonly connection: Pick<Connection, 'changed' | 'isThere'>;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
  readonly looks: Looks;
  readonly preferences: Readonly<IPreferences>;
  /** Emits when something in the store has changed, whoever did it. */
  readonly storeChanged: ISignal<unknown, void>;
  /** Emits when another theme's variables are in force; null where themes never change. */
  readonly themeChanged: ISignal<unknown, unknown> | null;
}

export const IServices = new Token<IServices>(
  'nbtrail:IServices',
  'What the views of nbtrail share: the API of the server, the looks of runs, signals.'
);

export const ITrailModel = new Token<ITrailModel>(
  'nbtrail:ITrailModel',
  'The experiments and runs of the nbtrail store that the Jupyter server looks at.'
);

/** The links to the recorders of the notebooks that are open. */
export interface IRecorders {
  /** That of an open notebook, as soon as there is one. */
  of(panel: NotebookPanel): RecorderLink | undefined;
  /** Emits when a notebook has got its link. */
  readonly added: ISignal<unknown, NotebookPanel>;
}

export const IRecorders = new Token<IRecorders>(
  'nbtrail:IRecorders',
  'The links between open notebooks and the recorders in their kernels.'
);

export const IPages = new Token<Pages>(
  'nbtrail:IPages',
  'Opens the pages of nbtrail in the main area; plugins add kinds of pages.'
);
