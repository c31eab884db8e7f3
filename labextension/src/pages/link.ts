/** Pages as links: `…/lab?nbtrail=run:{"run_id":"…"}` opens one, for whoever may see the server. */
import type { PageState } from './page';

export const PARAMETER = 'nbtrail';

export interface IPageLink {
  kind: string;
  state: PageState;
}

/** The query that opens a page. */
export function searchFor({ kind, state }: IPageLink): string {
  return `?${new URLSearchParams({ [PARAMETER]: `${kind}:${JSON.stringify(state)}` })}`;
}

/** The page that a query asks for; null if it asks for none, or not for what can be opened. */
export function pageIn(search: string): IPageLink | null {
  const text = new URLSearchParams(search).get(PARAMETER) ?? '';
  const [, kind, json] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  const state = kind === undefined ? null : parsed(json);
  return state === null ? null : { kind, state };
}

/** Whether a query asks for the panel in the sidebar: `…/lab?nbtrail=panel`. */
export function asksForPanel(search: string): boolean {
  return new URLSearchParams(search).get(PARAMETER) === 'panel';
}

function parsed(json: string): PageState | null {
  try {
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as PageState) : null;
  } catch {
    return null;
  }
}
