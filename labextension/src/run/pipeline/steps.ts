/** The steps of a pipeline, as its run's artifact tells them. Knows no DOM. */

/** The artifact of a pipeline's run with its steps and how they stand. */
export const FILE = 'pipeline.json';

export type PartState = 'running' | 'finished' | 'reused' | 'failed' | 'stopped';

/** One execution of a step; times are seconds since the epoch. */
export interface IPart {
  label: string;
  state: PartState;
  run_id: string | null;
  error: string | null;
  started: number;
  ended: number | null;
}

export interface IStep {
  name: string;
  /** The entry point. */
  run: string;
  needs: string[];
  executions: IPart[];
}

/** What a step stands at as a whole; `waiting` before its first execution. */
export type StepState = PartState | 'waiting';

export interface IPipelineNode {
  id: string;
  step: IStep;
  state: StepState;
}

/** The steps in the file; none where it is not (yet) a pipeline's. */
export function stepsIn(text: string): IStep[] {
  try {
    const { steps } = JSON.parse(text) as { steps?: IStep[] };
    return Array.isArray(steps) ? steps : [];
  } catch {
    return [];
  }
}

/** The steps, and which of them leads to which. */
export function drawnOf(steps: readonly IStep[]): {
  nodes: IPipelineNode[];
  edges: [string, string][];
} {
  return {
    nodes: steps.map(step => ({ id: step.name, step, state: stateOf(step) })),
    edges: steps.flatMap(({ name, needs }) => needs.map((need): [string, string] => [need, name]))
  };
}

/** What has failed weighs most, then what still goes on. */
const WEIGHTS: readonly PartState[] = ['failed', 'stopped', 'running', 'finished', 'reused'];

export function stateOf({ executions }: IStep): StepState {
  return WEIGHTS.find(state => executions.some(one => one.state === state)) ?? 'waiting';
}

/** From the first beginning to the last end, in milliseconds; null while it goes on. */
export function durationOf({ executions }: IStep): number | null {
  const own = executions.filter(({ state }) => state !== 'reused');
  const ends = own.map(({ ended }) => ended);
  if (own.length === 0 || ends.includes(null)) {
    return null;
  }
  return Math.round(
    1000 * (Math.max(...ends.map(Number)) - Math.min(...own.map(one => one.started)))
  );
}

/** The execution that a step leads to: the one that its state is about. */
export function partOf(step: IStep): IPart | null {
  const state = stateOf(step);
  return step.executions.find(one => one.state === state) ?? null;
}
