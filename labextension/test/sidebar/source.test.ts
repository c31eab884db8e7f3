import { expect, it } from 'vitest';

import { byProject } from '../../src/sidebar/projects';
import { notebookFilter, RunSource } from '../../src/sidebar/source';
import type { IRun, IRunQuery, IRunsApi } from '../../src/tokens';
import { aMetric, anExperiment, aRun } from '../records';

const QUERY: IRunQuery = { experimentId: null, filter: '', view: 'active', maxResults: 50 };

function sourceOf(answers: Record<string, IRun[]>) {
  const asked: string[] = [];
  const api = {
    runs: async ({ filter }: IRunQuery) => {
      asked.push(filter);
      return { runs: answers[filter] ?? [], next_page_token: null };
    }
  } as Partial<IRunsApi> as IRunsApi;
  return { asked, source: new RunSource(api) };
}

it('the runs of the notebook in front come first, and only once', async () => {
  const own = aRun('own', { info: { notebook: '/home/ada/work/a.ipynb' } });
  const alike = aRun('alike', { info: { notebook: '/home/ada/homework/a.ipynb' } });
  const ofNotebook = "attributes.notebook LIKE '%work/a.ipynb'";
  const { source } = sourceOf({ '': [aRun('new'), own], [ofNotebook]: [own, alike] });
  const found = await source.list(QUERY, 'work/a.ipynb');
  expect(found.runs.map(run => run.info.run_id)).toEqual(['own', 'new']);
  expect(found.ownCount).toBe(1);
});

it('the filter holds for both', async () => {
  const { asked, source } = sourceOf({});
  await source.list({ ...QUERY, filter: 'a > 1 or b > 1' }, 'a.ipynb');
  expect(asked).toEqual([
    'a > 1 or b > 1',
    "(a > 1 or b > 1) AND attributes.notebook LIKE '%a.ipynb'"
  ]);
});

it('a path with both kinds of quotes cannot be asked for', async () => {
  expect(notebookFilter("it's.ipynb")).toBe('attributes.notebook LIKE "%it\'s.ipynb"');
  expect(notebookFilter('\'".ipynb')).toBeNull();
  const { asked, source } = sourceOf({});
  await source.list(QUERY, '\'".ipynb');
  expect(asked).toEqual(['']);
});

it('that a filter lists other runs is no news of what they have', async () => {
  let asked = 0;
  const api = {
    keys: async () => ({ runs: (asked += 1), params: [], metrics: [], tags: [] })
  } as Partial<IRunsApi> as IRunsApi;
  const source = new RunSource(api);
  const small = [aRun('a')];
  const large = [aRun('a', { metrics: [aMetric('loss')] })];
  const of = async (runs: IRun[], filter: string) =>
    (await source.keys('1', [], runs, filter)).runs;
  expect(await of(large, '')).toBe(1);
  expect(await of(small, 'acc > 1')).toBe(1);
  expect(await of(large, 'acc > 1')).toBe(2); // the run has got a metric
});

it('experiments stand with those of their project', () => {
  const experiments = ['1', '2', '3'].map(anExperiment);
  experiments[0].tags = { project: 'wine' };
  experiments[2].tags = { project: 'wine' };
  const found = byProject(experiments).map(({ name, experiments: members }) => [
    name,
    members.map(one => one.experiment_id)
  ]);
  expect(found).toEqual([
    ['wine', ['1', '3']],
    [null, ['2']]
  ]);
});
