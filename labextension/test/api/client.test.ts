import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { Client } from '../../src/api/client';
import { RunsApi } from '../../src/api/runs';

const trans = nullTranslator.load('nbtrail');

/** An API whose network answers everything with `answer`, and the requests that it was sent. */
function anApi(answer: () => Response) {
  const requests: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/a%40b/',
    fetch: async (input, init) => {
      requests.push(new Request(input, init));
      return answer();
    }
  });
  const client = new Client(settings, trans);
  return { api: new RunsApi(client), client, requests };
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const pathOf = (request: Request) => new URL(request.url).pathname;

describe('RunsApi', () => {
  it('asks for the runs of one experiment or of all', async () => {
    const { api, requests } = anApi(() => json({ runs: [], next_page_token: null }));
    const query = { experimentId: null, filter: '', view: 'active', maxResults: 50 } as const;
    await api.runs(query);
    await api.runs({ ...query, experimentId: 'a&b', filter: "params.a = '&'", maxResults: 10 });
    expect(requests.map(pathOf)).toEqual(Array(2).fill('/a%40b/nbtrail/api/runs'));
    const [all, one] = requests.map(request => new URL(request.url).searchParams);
    expect(Object.fromEntries(all)).toMatchObject({ view: 'active', max_results: '50' });
    expect([all.has('experiment_id'), all.has('filter')]).toEqual([false, false]);
    expect(Object.fromEntries(one)).toMatchObject({
      experiment_id: 'a&b',
      filter: "params.a = '&'",
      view: 'active',
      max_results: '10'
    });
  });

  it('posts what history it wants', async () => {
    const { api, requests } = anApi(() => json({ series: [] }));
    await api.history(['r1', 'r2'], 'loss', 500);
    expect(requests[0].method).toBe('POST');
    expect(await requests[0].json()).toEqual({
      run_ids: ['r1', 'r2'],
      keys: ['loss'],
      points: 500
    });
  });

  it('passes on what the server says is wrong', async () => {
    const body = { error_code: 'INVALID_STATE', message: 'The store is newer than this nbtrail.' };
    const { api } = anApi(() => json(body, 500));
    await expect(api.experiments()).rejects.toThrow('The store is newer than this nbtrail.');
  });

  it('says how to enable a server extension that is missing', async () => {
    const { api } = anApi(() => new Response('<html>404</html>', { status: 404 }));
    await expect(api.experiments()).rejects.toThrow(/jupyter server extension enable nbtrail/);
  });

  it('names the status of a failure without words', async () => {
    const { api } = anApi(() => new Response('Bad gateway', { status: 500 }));
    await expect(api.experiments()).rejects.toThrow(/HTTP 500/);
  });

  it('asks whether the server still runs when nobody answers', async () => {
    const { api } = anApi(() => {
      throw new TypeError('Failed to fetch');
    });
    await expect(api.experiments()).rejects.toThrow(/still running/);
  });
});
