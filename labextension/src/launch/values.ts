/** From what was typed into the form to what is launched. */
import type {
  ILaunch,
  INewSchedule,
  INotebookParameter,
  ISweep,
  ITarget,
  IWhere
} from '../api/jobs';
import type { IDraft } from './model';

/** What was typed, by parameter; one that was left alone is not there. */
export type Entries = Readonly<Record<string, string>>;

/** Run once, for each combination of values, search for the best ones, or run again and again. */
export const MODES = ['once', 'grid', 'sweep', 'schedule'] as const;

export type Mode = (typeof MODES)[number];

/** What a sweep is asked for beside the parameters, as the server calls it. */
export const SWEEP_FIELDS = [
  'metric',
  'direction',
  'trials',
  'parallel',
  'sampler',
  'pruner',
  'timeout',
  'seed'
] as const;

/** What says where it is executed, by how it is run; a grid is run here. */
export const WHERE_FIELDS = {
  once: ['env', 'limit', 'backend'],
  grid: [],
  sweep: ['env', 'backend'],
  schedule: ['env', 'limit', 'backend']
} as const satisfies Record<Mode, readonly string[]>;

export type WhereField = 'env' | 'limit' | 'backend';

export type SweepField = (typeof SWEEP_FIELDS)[number];

const OPENING = '([{';
const CLOSING = ')]}';

/** The values in a text, between commas that are outside of brackets and quotes. */
export function valuesIn(text: string): string[] {
  const values = [''];
  let depth = 0;
  let quote = '';
  for (const char of text) {
    if (char === ',' && depth === 0 && !quote) {
      values.push('');
      continue;
    }
    values[values.length - 1] += char;
    if (quote) {
      quote = char === quote ? '' : quote;
    } else if (char === '"' || char === "'") {
      quote = char;
    } else {
      depth += Number(OPENING.includes(char)) - Number(CLOSING.includes(char));
    }
  }
  return values.map(value => value.trim()).filter(value => value !== '');
}

/** How many runs a form makes. */
export function runCount({ entries, mode }: Pick<IDraft, 'entries' | 'mode'>): number {
  const sizes = Object.values(entries).map(text => valuesIn(text).length || 1);
  return mode === 'grid' ? sizes.reduce((product, size) => product * size, 1) : 1;
}

/** What to launch: values that are not the defaults; in a grid, those with several by themselves. */
export function launchOf(draft: IDraft, parameters: readonly INotebookParameter[]): ILaunch {
  const given = Object.entries(givenOf(draft.entries, parameters));
  const several = given.filter(([, text]) => draft.mode === 'grid' && valuesIn(text).length > 1);
  const grid = Object.fromEntries(several.map(([name, text]) => [name, valuesIn(text)]));
  const values = Object.fromEntries(given.filter(([name]) => !(name in grid)));
  const launch = {
    ...targetOf(draft),
    parameters: values,
    ...whereOf(draft),
    ...experimentOf(draft)
  };
  return several.length > 0 ? { ...launch, grid } : launch;
}

/** The search that was asked for; the server says what is missing. */
export function sweepOf(draft: IDraft, parameters: readonly INotebookParameter[]): ISweep {
  const { metric = '', direction = '', trials, parallel, seed } = draft.options;
  return {
    ...targetOf(draft),
    parameters: givenOf(draft.entries, parameters),
    metric: metric.trim(),
    direction,
    ...(trials ? { trials: Number(trials) } : {}),
    ...(parallel ? { parallel: Number(parallel) } : {}),
    ...(seed ? { seed: Number(seed) } : {}),
    ...textsOf(draft.options, ['sampler', 'pruner', 'timeout', 'env']),
    ...backendOf(draft),
    ...experimentOf(draft)
  };
}

/** Whether it is a directory or a repository, and no notebook. */
export function isProject({ path }: Pick<IDraft, 'path'>): boolean {
  return !path.endsWith('.ipynb');
}

/** What is run, as the server knows it. */
export function targetOf(draft: IDraft): ITarget {
  return isProject(draft)
    ? { project: draft.path, ...textsOf(draft.options, ['entry_point', 'version']) }
    : { notebook: draft.path };
}

/** In what it is executed, where, and for how long; of what is not asked for, nothing. */
function whereOf(draft: IDraft): IWhere {
  if (draft.mode === 'grid') {
    return {};
  }
  const { env, limit } = textsOf(draft.options, ['env', 'limit']);
  const limits = limit ? { timeout: Number(limit) } : {};
  return { ...(env ? { env } : {}), ...limits, ...backendOf(draft) };
}

/** How a draft calls an option of a back end. */
export function optionOf(backend: string, option: string): string {
  return `${backend}.${option}`;
}

function backendOf({ options }: IDraft): Pick<IWhere, 'backend'> {
  const name = options.backend?.trim();
  if (!name) {
    return {};
  }
  const own = optionOf(name, '');
  const given = Object.entries(options)
    .map(([option, text]) => [option, text.trim()] as const)
    .filter(([option, text]) => option.startsWith(own) && text !== '')
    .map(([option, text]) => [option.slice(own.length), text] as const);
  return { backend: { ...Object.fromEntries(given), name } };
}

/** Those options that were typed. */
function textsOf<T extends string>(
  options: Entries,
  names: readonly T[]
): Partial<Record<T, string>> {
  const typed = names.filter(name => options[name]?.trim());
  return Object.fromEntries(typed.map(name => [name, options[name].trim()])) as Partial<
    Record<T, string>
  >;
}

/** The schedule that was asked for; the server says what is wrong with its time. */
export function scheduleOf(draft: IDraft, parameters: readonly INotebookParameter[]): INewSchedule {
  return {
    ...targetOf(draft),
    parameters: givenOf(draft.entries, parameters),
    cron: (draft.options.cron ?? '').trim(),
    ...whereOf(draft),
    ...experimentOf(draft)
  };
}

/** What was typed of the parameters that the notebook still takes. */
function givenOf(
  entries: Entries,
  parameters: readonly INotebookParameter[]
): Record<string, string> {
  const known = parameters.map(({ name }) => name);
  const given = Object.entries(entries)
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([name, text]) => text !== '' && known.includes(name));
  return Object.fromEntries(given);
}

function experimentOf({ experiment }: IDraft): { experiment?: string } {
  return experiment ? { experiment } : {};
}

/** A default as the form shows it: texts without their quotes. */
export function shownDefault({ default: written }: INotebookParameter): string {
  return written === null ? '' : written.replace(/^(['"])(.*)\1$/s, '$2');
}
