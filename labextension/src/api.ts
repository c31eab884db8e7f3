/** The native HTTP API of the server extension, and the only place that speaks HTTP. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExperiment, INbTrailApi, IRunPage, ISeries } from './tokens';

/** A request that failed; the message is one sentence for the user. */
export class ApiError extends Error {}

export class NbTrailApi implements INbTrailApi {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly trans: TranslationBundle
  ) {}

  async experiments(): Promise<IExperiment[]> {
    return (await this.request<{ experiments: IExperiment[] }>('experiments')).experiments;
  }

  runs(experimentId: string | null, maxResults: number): Promise<IRunPage> {
    const query = new URLSearchParams({ max_results: String(maxResults) });
    if (experimentId !== null) {
      query.set('experiment_id', experimentId);
    }
    return this.request<IRunPage>(`runs?${query}`);
  }

  async history(runIds: readonly string[], key: string, points: number): Promise<ISeries[]> {
    const body = JSON.stringify({ run_ids: runIds, keys: [key], points });
    const answer = await this.request<{ series: ISeries[] }>('history', { method: 'POST', body });
    return answer.series;
  }

  private async request<T>(endpoint: string, init: RequestInit = {}): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'nbtrail', 'api') + '/' + endpoint;
    const response = await this.send(url, init);
    const body = await parse(response);
    if (!response.ok || body === undefined) {
      throw new ApiError(this.explain(response.status, body));
    }
    return body as T;
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, init, this.settings);
    } catch {
      throw new ApiError(this.trans.__('The Jupyter server does not answer. Is it still running?'));
    }
  }

  /** A 404 without our own error code is Jupyter's: nothing listens under `nbtrail/`. */
  private explain(status: number, body: unknown): string {
    const { error_code, message } = (body ?? {}) as { error_code?: string; message?: string };
    if (error_code && message) {
      return message;
    }
    if (status === 404) {
      return this.trans.__(
        'The nbtrail server extension is not running. Enable it with “jupyter server extension enable nbtrail”, then restart Jupyter.'
      );
    }
    return this.trans.__('The nbtrail server extension failed (HTTP %1).', status);
  }
}

/** The JSON body, or undefined where there is none to read (an error page, a proxy's answer). */
async function parse(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
