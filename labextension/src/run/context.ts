/** What the components of a run's page share. */
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { createContext, useContext, useEffect, useState } from 'react';

import type { ArtifactsApi } from '../api/artifacts';
import type { ChartsApi } from '../api/charts';
import type { JobsApi } from '../api/jobs';
import type { IRunDetail, RunApi } from '../api/run';
import type { TrailsApi } from '../api/trails';
import { useLive } from '../common/context';
import { type IResourceState, Resource } from '../common/resource';
import type { Follows, RunPageModel } from './model';
import type { TabId } from './tabs';

/** What JupyterLab draws contents with. */
export interface ITools {
  readonly rendermime: IRenderMimeRegistry;
  /** Null where nothing highlights source code. */
  readonly languages: IEditorLanguageRegistry | null;
}

/** Where in the page something is: a tab, and perhaps what of it. */
export interface IPlace {
  readonly tab: TabId;
  /** An execution's id, a file's path, a metric's key; whatever the tab has. */
  readonly item: string | null;
}

export interface IRunApis {
  readonly run: RunApi;
  readonly trails: TrailsApi;
  readonly artifacts: ArtifactsApi;
  readonly charts: ChartsApi;
  readonly jobs: JobsApi;
}

export interface IRunPage {
  readonly runId: string;
  readonly model: RunPageModel;
  readonly api: IRunApis;
  readonly tools: ITools;
  readonly place: IPlace;
  go(tab: TabId, item?: string | number | null): void;
  /** Open another page. */
  open(kind: string, state: Record<string, string | string[]>): void;
}

export const RunPageContext = createContext<IRunPage | null>(null);

export function useRunPage(): IRunPage {
  const page = useContext(RunPageContext);
  if (page === null) {
    throw new Error('This component belongs inside a RunPageContext.');
  }
  return page;
}

/** The run; only below `RunView`, which waits for it. */
export function useRun(): IRunDetail {
  const { run } = useLive(useRunPage().model.run);
  if (run === null) {
    throw new Error('This component is drawn when the run is known.');
  }
  return run;
}

/**
 * What the server says, for as long as the component is mounted and in sight.
 */
export function useResource<T>(
  load: () => Promise<T>,
  follows: Follows = 'run'
): [IResourceState<T>, Resource<T>] {
  const { model } = useRunPage();
  const [resource] = useState(() => new Resource(load));
  useEffect(() => model.attend(resource, follows), [model, resource, follows]);
  return [useLive(resource), resource];
}
