/** What somebody chose to compare, and how to look at it: the state of the page. */
import type { ReadonlyJSONObject, ReadonlyJSONValue } from '@lumino/coreutils';

export const VIEWS = [
  'table',
  'charts',
  'bars',
  'scatter',
  'parallel',
  'importance',
  'images',
  'diff'
] as const;

export type View = (typeof VIEWS)[number];

export interface IChoice {
  /** These runs; empty: the runs of the experiments, or all. */
  readonly run_ids: readonly string[];
  readonly experiment_ids: readonly string[];
  /** In the grammar of filters. */
  readonly filter: string;
  readonly view: View;
  /** Shown columns, as `metrics.KEY`; null: what varies. */
  readonly columns: readonly string[] | null;
  readonly pinned: readonly string[];
  /** In pixels, of the columns that were resized. */
  readonly widths: Readonly<Record<string, number>>;
  readonly order: string | null;
  readonly descending: boolean;
  readonly group_by: string | null;
  /** Leave out the columns in which all runs agree. */
  readonly differing: boolean;
  /** One column a run, one row a param or metric. */
  readonly transposed: boolean;
  /** The run that the others are measured by. */
  readonly baseline: string | null;
  /** Runs that are listed and not drawn. */
  readonly hidden: readonly string[];
  readonly limit: number;

  /** Charted metrics; null: the most common. */
  readonly metrics: readonly string[] | null;
  /** `step`, `relative`, `time`, or a metric. */
  readonly x: string;
  /** The part of the axis that was zoomed into. */
  readonly range: readonly number[] | null;
  /** 0 (none) to 0.99. */
  readonly smoothing: number;
  readonly log_x: boolean;
  readonly log_y: boolean;
  readonly clipped: boolean;
  /** One line a group with a band, instead of one a run. */
  readonly grouped: boolean;
  readonly band: 'std' | 'range';

  readonly scatter: readonly string[] | null;
  readonly bars: string | null;
  readonly axes: readonly string[] | null;
  readonly target: string | null;
  /** The two runs whose trails are compared. */
  readonly pair: readonly string[] | null;
}

export const DEFAULTS: IChoice = {
  run_ids: [],
  experiment_ids: [],
  filter: '',
  view: 'table',
  columns: null,
  pinned: [],
  widths: {},
  order: null,
  descending: true,
  group_by: null,
  differing: false,
  transposed: false,
  baseline: null,
  hidden: [],
  limit: 1000,
  metrics: null,
  x: 'step',
  range: null,
  smoothing: 0,
  log_x: false,
  log_y: false,
  clipped: false,
  grouped: false,
  band: 'std',
  scatter: null,
  bars: null,
  axes: null,
  target: null,
  pair: null
};

type Check = (value: ReadonlyJSONValue | undefined) => boolean;

const isText: Check = value => typeof value === 'string';
const isTexts: Check = value => Array.isArray(value) && value.every(isText);
const isNumber: Check = value => typeof value === 'number' && Number.isFinite(value);

/** Those that a look at their default does not settle. */
const CHECKS: Partial<Record<keyof IChoice, Check>> = {
  view: value => VIEWS.some(view => view === value),
  band: value => value === 'std' || value === 'range',
  limit: value => isNumber(value) && Number(value) >= 1 && Number(value) <= 10_000,
  smoothing: value => isNumber(value) && Number(value) >= 0 && Number(value) < 1,
  widths: value => typeof value === 'object' && Object.values(value ?? []).every(isNumber),
  range: value => Array.isArray(value) && value.length === 2 && value.every(isNumber),
  scatter: value => isTexts(value) && (value as unknown[]).length === 2,
  pair: value => isTexts(value) && (value as unknown[]).length === 2,
  columns: isTexts,
  metrics: isTexts,
  axes: isTexts
};

/** What holds where nothing was chosen and the settings say so. */
export type Standard = Pick<IChoice, 'smoothing'>;

/** The choice that a page's state makes; what it says wrongly counts as not said. */
export function choiceIn(state: ReadonlyJSONObject, standard: Standard = DEFAULTS): IChoice {
  return { ...DEFAULTS, ...standard, ...said(state) };
}

/** What of the choice a state says. */
export function said(state: ReadonlyJSONObject): Partial<IChoice> {
  const fit = Object.entries(state).filter(
    ([name, value]) => name in DEFAULTS && isFit(name as keyof IChoice, value)
  );
  return Object.fromEntries(fit);
}

/** The page's state: only what was chosen, so that links stay short. */
export function stateOf(choice: IChoice, standard: Standard = DEFAULTS): ReadonlyJSONObject {
  const unsaid: IChoice = { ...DEFAULTS, ...standard };
  const chosen = Object.entries(choice).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(unsaid[name as keyof IChoice])
  );
  return Object.fromEntries(chosen) as ReadonlyJSONObject;
}

/** What tells one comparison from another: its runs. */
export function keyOf(state: ReadonlyJSONObject): string {
  const { run_ids, experiment_ids, filter } = choiceIn(state);
  return JSON.stringify([[...run_ids].sort(), [...experiment_ids].sort(), filter]);
}

function isFit(name: keyof IChoice, value: ReadonlyJSONValue | undefined): boolean {
  const byDefault: unknown = DEFAULTS[name];
  const check = CHECKS[name];
  if (check) {
    return check(value);
  }
  if (Array.isArray(byDefault)) {
    return isTexts(value);
  }
  return byDefault === null ? isText(value) : typeof value === typeof byDefault;
}
