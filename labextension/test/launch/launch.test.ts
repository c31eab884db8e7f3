import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/client';
import type { IJob, ILogPiece, INotebookParameter, ISchedule, JobsApi } from '../../src/api/jobs';
import { LogModel } from '../../src/launch/log';
import { LaunchModel } from '../../src/launch/model';
import type { IDraft } from '../../src/launch/model';
import {
  launchOf,
  optionOf,
  runCount,
  scheduleOf,
  shownDefault,
  sweepOf,
  valuesIn
} from '../../src/launch/values';

function aParameter(name: string, written: string | null = null): INotebookParameter {
  return { name, type: null, default: written, help: null, choices: null };
}

function aDraft(change: Partial<IDraft> = {}): IDraft {
  const empty = { entries: {}, options: {}, experiment: '', job: null };
  return { path: 'a.ipynb', mode: 'once', ...empty, ...change };
}

const PARAMETERS = ['lr', 'layers', 'name'].map(name => aParameter(name));

describe('the values in a text', () => {
  it('stand between commas outside of brackets and quotes', () => {
    expect(valuesIn('0.1, 0.01 ,')).toEqual(['0.1', '0.01']);
    expect(valuesIn('[64, 32], [16]')).toEqual(['[64, 32]', '[16]']);
    expect(valuesIn(`"a, b", 'c'`)).toEqual(['"a, b"', "'c'"]);
    expect(valuesIn('  ')).toEqual([]);
  });

  it('make a run for each combination', () => {
    expect(runCount({ entries: { lr: '1, 2', depth: '3, 4, 5', seed: '' }, mode: 'grid' })).toBe(6);
    expect(runCount({ entries: { lr: '1, 2' }, mode: 'once' })).toBe(1);
  });
});

describe('what is launched', () => {
  it('has only what was typed, of what the notebook still takes', () => {
    const entries = { lr: ' 0.1 ', layers: '', gone: '1' };
    expect(launchOf(aDraft({ entries }), PARAMETERS)).toEqual({
      notebook: 'a.ipynb',
      parameters: { lr: '0.1' }
    });
  });

  it('has a grid of what has several values', () => {
    const entries = { lr: '0.1, 0.2', layers: '[64, 32]' };
    expect(launchOf(aDraft({ entries, mode: 'grid' }), PARAMETERS)).toEqual({
      notebook: 'a.ipynb',
      parameters: { layers: '[64, 32]' },
      grid: { lr: ['0.1', '0.2'] }
    });
    expect(launchOf(aDraft({ entries }), PARAMETERS)).not.toHaveProperty('grid');
  });

  it('is a sweep with what was typed; the rest is for the server to choose, or to ask for', () => {
    const entries = { lr: ' log:1e-4..1e-1 ', layers: '' };
    const options = { metric: 'loss ', direction: 'min', trials: '40', sampler: '' };
    const draft = aDraft({ mode: 'sweep', entries, options, experiment: 'tuning' });
    expect(sweepOf(draft, PARAMETERS)).toEqual({
      notebook: 'a.ipynb',
      parameters: { lr: 'log:1e-4..1e-1' },
      ...{ metric: 'loss', direction: 'min', trials: 40, experiment: 'tuning' }
    });
    expect(sweepOf(aDraft(), PARAMETERS)).toMatchObject({ metric: '', direction: '' });
    const limits = aDraft({ options: { timeout: ' 1h ', seed: '7', sampler: '' } });
    expect(sweepOf(limits, PARAMETERS)).toMatchObject({ timeout: '1h', seed: 7 });
    expect(sweepOf(limits, PARAMETERS)).not.toHaveProperty('sampler');
  });

  it('may be a project, elsewhere, in an environment of its own', () => {
    const options = {
      ...{ entry_point: 'train', version: ' v1 ', env: 'uv', limit: '60', backend: 'slurm' },
      ...{ 'slurm.partition': ' gpu', 'slurm.gres': 'gpu:1', 'slurm.time': '', 'ssh.host': 'a' }
    };
    const draft = aDraft({ path: 'https://a/b.git#c', options, entries: { lr: '1' } });
    const target = { project: 'https://a/b.git#c', entry_point: 'train', version: 'v1' };
    const backend = { name: 'slurm', partition: 'gpu', gres: 'gpu:1' };
    const launch = { ...target, parameters: { lr: '1' }, env: 'uv', timeout: 60, backend };
    expect(launchOf(draft, PARAMETERS)).toEqual(launch);
    expect(scheduleOf(draft, PARAMETERS)).toEqual({ ...launch, cron: '' });
    const swept = sweepOf({ ...draft, mode: 'sweep' }, PARAMETERS);
    expect(swept).toMatchObject({ ...target, env: 'uv', backend });
    expect(swept).not.toHaveProperty('limit');
    const grid = aDraft({ options, mode: 'grid' });
    expect(launchOf(grid, PARAMETERS)).toEqual({ notebook: 'a.ipynb', parameters: {} });
    expect(optionOf('slurm', 'time')).toBe('slurm.time');
  });

  it('shows the default of a text without its quotes', () => {
    expect(['"adam"', "'a'", '0.1', null].map(one => shownDefault(aParameter('a', one)))).toEqual([
      ...['adam', 'a', '0.1', '']
    ]);
  });
});

function aJob(job_id: string, notebook: string): IJob {
  return {
    ...{ job_id, kind: 'notebook', outcome: null },
    ...{
      name: notebook,
      notebook,
      target: null,
      experiment: null,
      state: 'running',
      stopping: false
    },
    ...{ created: 0, started: 0, ended: null, error: null, cells_done: 1, cells_total: 2 },
    counts: { queued: 0, running: 1, finished: 0, failed: 0, stopped: 0 }
  };
}

function aSchedule(schedule_id: string, notebook: string): ISchedule {
  const times = { next: null, missed: 0, missed_at: null };
  const asked = { notebook, cron: '0 * * * *', parameters: {}, experiment: null };
  return { schedule_id, name: notebook, target: null, asked: { notebook }, ...asked, ...times };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the model of a launch form', () => {
  const draft = aDraft();
  const schedule = vi.fn(async () => undefined);
  const form = vi.fn(async () => ({ path: 'a.ipynb', parameters: PARAMETERS, problem: null }));
  const api = {
    form,
    jobs: async () => [aJob('2', 'a.ipynb'), aJob('1', 'other.ipynb')],
    schedules: async () => [aSchedule('1', 'a.ipynb'), aSchedule('2', 'other.ipynb')],
    schedule,
    job: async (id: string) => ({ job: aJob(id, 'a.ipynb'), runs: [] }),
    launch: async ({ parameters }: { parameters: Record<string, string> }) => {
      if ('lr' in parameters) {
        throw new ApiError('lr is no number.', 400, { parameter: 'lr' });
      }
      return { job: aJob('3', 'a.ipynb'), runs: [] };
    }
  } as unknown as JobsApi;

  it('lists the jobs of its notebook, reads the form once, and opens what it started', async () => {
    const remember = vi.fn();
    const model = new LaunchModel(api, draft, remember);
    model.active = true;
    await vi.advanceTimersByTimeAsync(500);
    expect(model.state.jobs.map(({ job_id }) => job_id)).toEqual(['2']);
    expect(model.state.schedules.map(({ schedule_id }) => schedule_id)).toEqual(['1']);
    await model.launch();
    await vi.advanceTimersByTimeAsync(500);
    expect(model.state.detail?.job.job_id).toBe('3');
    expect(remember).toHaveBeenLastCalledWith({ ...draft, job: '3' });
    expect(form).toHaveBeenCalledTimes(1);
    model.active = false;
  });

  it('reads the form again also while an answer is on its way, and passes on what is new', async () => {
    const model = new LaunchModel(api, draft, () => undefined);
    const log = { active: false, invalidate: vi.fn() };
    model.attend(log);
    model.active = true;
    await vi.advanceTimersByTimeAsync(500);
    expect(log.invalidate).toHaveBeenCalledTimes(1);
    form.mockClear();
    model.invalidate();
    model.reload();
    await vi.advanceTimersByTimeAsync(1000);
    expect(form).toHaveBeenCalledTimes(1);
    expect(model.state.form).not.toBeNull();
    expect(log.invalidate).toHaveBeenCalledTimes(3);
    model.active = false;
  });

  it('schedules what was typed', async () => {
    const asked = { mode: 'schedule', options: { cron: ' 0 7 * * 1 ' }, entries: { lr: '1' } };
    const model = new LaunchModel(api, aDraft(asked as Partial<IDraft>), () => undefined);
    model.active = true;
    await vi.advanceTimersByTimeAsync(500);
    await model.launch();
    const wanted = { notebook: 'a.ipynb', parameters: { lr: '1' }, cron: '0 7 * * 1' };
    expect(schedule).toHaveBeenCalledWith(wanted);
    model.active = false;
  });

  it('says why the server refused', async () => {
    const model = new LaunchModel(api, aDraft({ entries: { lr: 'x' } }), () => undefined);
    model.active = true;
    await vi.advanceTimersByTimeAsync(500);
    await model.launch();
    const mistake = { message: 'lr is no number.', place: { parameter: 'lr' } };
    expect(model.state).toMatchObject({ mistake, isBusy: false });
    model.active = false;
  });
});

describe('the log', () => {
  it('goes on from where it was until the job has ended', async () => {
    const pieces: ILogPiece[] = [
      { text: 'one\n', offset: 4, size: 4, ended: false },
      { text: 'two\n', offset: 8, size: 8, ended: true }
    ];
    const offsets: number[] = [];
    const log = async (_: string, offset: number) => {
      offsets.push(offset);
      return pieces[offsets.length - 1];
    };
    const model = new LogModel({ log }, '1');
    model.active = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(model.state.text).toBe('one\ntwo\n');
    expect(offsets[1]).toBe(4);
    expect(offsets).toHaveLength(2);
    model.active = false;
  });
});
