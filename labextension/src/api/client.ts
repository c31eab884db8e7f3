/** The native HTTP API of the server extension, and the only place that speaks HTTP. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

/** What of a form a mistake is about, where the server knows it. */
export interface IMistakeAt {
  parameter?: string;
  field?: string;
  /** The kind of mistake, as the server calls it. */
  error_code?: string;
}

/** A request that failed; the message is one sentence for the user. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** The HTTP status; 0 where nobody answered. */
    readonly status = 0,
    readonly place: IMistakeAt = {}
  ) {
    super(message);
  }

  /** The server, perhaps an older one, has no such route. */
  get isUnknownRoute(): boolean {
    return this.status === 405 || this.place.error_code === 'ENDPOINT_NOT_FOUND';
  }
}

/** What a query may say: a list repeats its key, and what is not given is left out. */
export type Query = Record<
  string,
  string | number | boolean | readonly string[] | null | undefined
>;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a proxy says for a server that does not answer. */
const GATEWAY_ERRORS: readonly number[] = [502, 503, 504];

const JSON_BODY = { 'Content-Type': 'application/json' };

/** Asks the server extension. Every method rejects with an `ApiError`. */
export class Client {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly trans: TranslationBundle
  ) {}

  /** Emits when a request got no answer. */
  get unanswered(): ISignal<this, void> {
    return this._unanswered;
  }

  /** Whether the server answers at all, be it with an error. */
  async answers(): Promise<boolean> {
    return this.answer(this.url('status'), { method: 'GET' }).then(
      () => true,
      () => false
    );
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.request<T>('GET', this.url(path, query));
  }

  /** Send a body by POST, or by another method that takes one. */
  send<T>(path: string, body: unknown, method: Method = 'POST'): Promise<T> {
    return this.request<T>(method, this.url(path), body);
  }

  /** Post to another path of the same server, such as an endpoint's; from the root of its host. */
  sendTo<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>('POST', new URL(path, this.settings.baseUrl).href, body);
  }

  /** A file's bytes, to be taken as of a media type: the server names one of a few only. */
  async blob(path: string, query: Query, mediaType: string): Promise<Blob> {
    const response = await this.answer(this.url(path, query), { method: 'GET' });
    if (!response.ok) {
      throw new ApiError(this.explain(response.status, await parse(response)), response.status);
    }
    return new Blob([await response.arrayBuffer()], { type: mediaType });
  }

  /** The address of something that the browser itself loads, such as an image or a download. */
  url(path: string, query: Query = {}): string {
    const search = searchOf(query);
    return URLExt.join(this.settings.baseUrl, 'nbtrail', 'api') + '/' + path + search;
  }

  private async request<T>(method: Method, url: string, body?: unknown): Promise<T> {
    const init =
      body === undefined ? { method } : { method, headers: JSON_BODY, body: JSON.stringify(body) };
    const response = await this.answer(url, init);
    const found = response.status === 204 ? null : await parse(response);
    if (!response.ok || found === undefined) {
      const { status } = response;
      throw new ApiError(this.explain(status, found), status, (found ?? {}) as IMistakeAt);
    }
    return found as T;
  }

  private readonly _unanswered = new Signal<this, void>(this);

  private async answer(url: string, init: RequestInit): Promise<Response> {
    const response = await ServerConnection.makeRequest(url, init, this.settings).catch(() => null);
    if (response === null || GATEWAY_ERRORS.includes(response.status)) {
      this._unanswered.emit();
      throw new ApiError(this.trans.__('The Jupyter server does not answer. Is it still running?'));
    }
    return response;
  }

  /** A 404 without our own error code is Jupyter's: nothing listens under `nbtrail/`. */
  private explain(status: number, body: unknown): string {
    const { error_code, message } = (body ?? {}) as { error_code?: string; message?: string };
    if (error_code && message) {
      return message;
    }
    if (status === 401 || status === 403) {
      return this.trans.__('The Jupyter server does not know you any more: load this page again.');
    }
    if (status === 404) {
      return this.trans.__(
        'The nbtrail server extension is not running. Enable it with “jupyter server extension enable nbtrail”, then restart Jupyter.'
      );
    }
    return this.trans.__('The nbtrail server extension failed (HTTP %1).', status);
  }
}

function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined) {
        search.append(key, String(one));
      }
    }
  }
  return search.size > 0 ? `?${search}` : '';
}

/** The JSON body, or undefined where there is none to read (an error page, a proxy's answer). */
async function parse(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
