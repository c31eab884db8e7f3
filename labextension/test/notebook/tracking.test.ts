import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IExecution } from '../../src/api/trails';
import { REFRESH_INTERVAL } from '../../src/common/live';
import { LongRuns } from '../../src/notebook/longRuns';
import { marksOf } from '../../src/notebook/marks';
import { NotebookTracking } from '../../src/notebook/tracking';
import type { RecorderState } from '../../src/notebook/recorder';
import type { IRun, IRunQuery } from '../../src/tokens';
import { aRun } from '../records';

function anExecution(cell_id: string, parts: Partial<IExecution> = {}): IExecution {
  const nothing = { params: [], metrics: [], artifacts: [], models: [], datasets: [] };
  const base = { cell_id, source: cell_id, role: 'own', findings: [], ...nothing };
  return { ...base, ...parts } as unknown as IExecution;
}

describe('marks', () => {
  const sources = new Map(['a', 'b', 'c'].map(id => [id, id]));

  it('stand beside cells that recorded something', () => {
    const executions = [anExecution('a', { metrics: ['acc'], artifacts: ['roc.png'] })];
    const marks = marksOf([...executions, anExecution('b')], sources);
    expect([...marks]).toEqual([['a', { recorded: ['acc', 'roc.png'], stale: null }]]);
  });

  it('tell a cell that was edited since, and one that read what has changed', () => {
    const findings = [{ kind: 'stale-inputs' as const, text: '…' }];
    const executions = [anExecution('a', { source: 'x = 1' }), anExecution('b', { findings })];
    const marks = marksOf(executions, sources);
    expect(marks.get('a')?.stale).toBe('edited');
    expect(marks.get('b')?.stale).toBe('inputs');
  });

  it('are of the latest execution, and of cells that are still there', () => {
    const first = anExecution('a', { source: 'x = 1', metrics: ['acc'] });
    expect(
      marksOf([first, anExecution('a'), anExecution('gone', { metrics: ['acc'] })], sources).size
    ).toBe(0);
  });

  it('count only what was recorded in this run, not in its prelude', () => {
    const executions = [anExecution('a', { role: 'prelude', params: ['lr'] })];
    expect(marksOf(executions, sources).size).toBe(0);
  });
});

describe('the tracking of a notebook', () => {
  let recorder: RecorderState;
  let runs: IRun[];
  let asked: string[];
  let tracking: NotebookTracking;
  const aMoment = () => vi.advanceTimersByTimeAsync(REFRESH_INTERVAL);

  beforeEach(async () => {
    vi.useFakeTimers();
    recorder = 'none';
    asked = [];
    const there = { notebook: '/home/ada/a.ipynb' };
    runs = [
      aRun('other', { info: { notebook: '/home/ada/aa.ipynb' } }),
      aRun('r', { info: there })
    ];
    const api = {
      runs: async (query: IRunQuery) => {
        asked.push(query.filter);
        return { runs, next_page_token: null };
      },
      executions: async (runId: string) => {
        asked.push(runId);
        return [anExecution('a', { metrics: ['acc'] })];
      }
    };
    tracking = new NotebookTracking(api, {
      path: 'a.ipynb',
      get recorder() {
        return recorder;
      },
      sources: () => new Map([['a', 'a']])
    });
    tracking.active = true;
    await aMoment();
  });

  afterEach(() => {
    tracking.active = false;
    vi.useRealTimers();
  });

  it('asks nothing where nothing records', () => {
    expect(asked).toEqual([]);
    expect(tracking.state).toMatchObject({ recorder: 'none', run: null });
  });

  it('knows the run of this notebook, not of one whose name ends alike', async () => {
    recorder = 'on';
    tracking.invalidate();
    await aMoment();
    expect(tracking.state.run?.info.run_id).toBe('r');
    expect(tracking.isRecording).toBe(false);
    expect(tracking.state.marks.get('a')?.recorded).toEqual(['acc']);
  });

  it('asks for the trail again only when a cell has ended', async () => {
    recorder = 'on';
    tracking.invalidate();
    await aMoment();
    tracking.invalidate();
    await aMoment();
    expect(asked.filter(one => one === 'r')).toHaveLength(1);
    tracking.settle();
    await aMoment();
    expect(asked.filter(one => one === 'r')).toHaveLength(2);
  });
});

describe('the end of a long run', () => {
  const ended = (end_time: number | null) => aRun('r', { info: { end_time } });

  async function toldOf(run: IRun | null, busyFor: number): Promise<IRun[]> {
    const told: IRun[] = [];
    const long = new LongRuns(
      async () => run,
      one => told.push(one),
      1000
    );
    await long.follow(true, 5000);
    await long.follow(true, 5100);
    await long.follow(false, 5000 + busyFor);
    return told;
  }

  it('is told once it has taken long enough', async () => {
    expect(await toldOf(ended(6000), 1000)).toHaveLength(1);
    expect(await toldOf(ended(5900), 999)).toHaveLength(0);
  });

  it('is not told of a run that ended before, or has not ended, or of none', async () => {
    expect(await toldOf(ended(4000), 9000)).toHaveLength(0);
    expect(await toldOf(ended(null), 9000)).toHaveLength(0);
    expect(await toldOf(null, 9000)).toHaveLength(0);
  });
});
