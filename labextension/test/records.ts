/** Small records for the tests; every field can be overridden. */
import type { IExperiment, IMetric, IParam, IRun, IRunInfo, ISeries } from '../src/tokens';

export function aMetric(key: string, overrides: Partial<IMetric> = {}): IMetric {
  const point = { value: 0.5, step: 0, timestamp: 1000, count: 1, min: 0.5, max: 0.5 };
  return { key, ...point, cell_id: 'cell', ...overrides };
}

export function aParam(key: string, value: string, overrides: Partial<IParam> = {}): IParam {
  return { key, value, origin: 'explicit', ...overrides };
}

interface IRunParts extends Partial<Omit<IRun, 'info'>> {
  info?: Partial<IRunInfo>;
}

export function aRun(run_id: string, { info, ...data }: IRunParts = {}): IRun {
  return {
    info: {
      run_id,
      experiment_id: '1',
      run_name: `run ${run_id}`,
      status: 'FINISHED',
      start_time: 1000,
      end_time: 2000,
      kind: 'implicit',
      notebook: null,
      error: null,
      lifecycle_stage: 'active',
      ...info
    },
    params: [],
    metrics: [],
    tags: {},
    models: [],
    ...data
  };
}

export function aSeries(run_id: string, key: string, value: ISeries['value']): ISeries {
  const step = value.map((_, i) => i);
  const timestamp = step.map(i => 1000 * i);
  return { run_id, key, total: value.length, step, timestamp, value, low: value, high: value };
}

export function anExperiment(experiment_id: string): IExperiment {
  return {
    experiment_id,
    name: `experiment ${experiment_id}`,
    lifecycle_stage: 'active',
    creation_time: 0,
    last_update_time: 0,
    run_count: 1,
    tags: {}
  };
}
