/** What the components of a launch form share. */
import { createContext, useContext } from 'react';

import type { JobsApi } from '../api/jobs';
import { useLive } from '../common/context';
import type { ILaunchState, LaunchModel } from './model';

export interface ILaunchPage {
  readonly model: LaunchModel;
  readonly api: JobsApi;
  openRun(runId: string, tab?: string): void;
  /** Compare the runs of a job. */
  compare(jobId: string): void;
}

export const LaunchContext = createContext<ILaunchPage | null>(null);

export function useLaunchPage(): ILaunchPage {
  const page = useContext(LaunchContext);
  if (page === null) {
    throw new Error('This component belongs inside a LaunchContext.');
  }
  return page;
}

export function useLaunch(): ILaunchState {
  return useLive(useLaunchPage().model);
}
