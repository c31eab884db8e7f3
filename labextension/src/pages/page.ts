/** The views of the main area: what one is, and what it is given. */
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { IServices } from '../tokens';

/** What a page shows: enough to show it again after a reload, or to somebody else. */
export type PageState = ReadonlyJSONObject;

/** What a page may do with its tab. */
export interface IPageHost {
  readonly services: IServices;
  readonly state: PageState;
  /** Emits the state in which this page, which is open, was asked for again. */
  readonly asked: ISignal<unknown, PageState>;
  /** Remember what is shown now. */
  setState(state: PageState): void;
  setTitle(title: string): void;
  /** Close the tab: what it shows is there no more. */
  close(): void;
  /** Open another page, or bring it to the front. */
  open(kind: string, state: PageState): void;
}

/** A kind of page. Its code is loaded when the first one is opened. */
export interface IPageKind {
  readonly id: string;
  readonly title: string;
  /** What tells one page of this kind from another; pages of the same key are one. */
  key(state: PageState): string;
  /** Import what draws it. */
  load(): Promise<IPageModule>;
}

/** What a page's module exports. */
export interface IPageModule {
  create(host: IPageHost): Widget;
}
