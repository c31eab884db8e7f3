/** The state of a notebook's tracking, as the toolbar and the status bar write it. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ITrackingState } from './tracking';

export interface ITrackingWords {
  label: string;
  caption: string;
}

export function trackingInWords(
  { recorder, run }: Pick<ITrackingState, 'recorder' | 'run'>,
  trans: TranslationBundle
): ITrackingWords {
  if (recorder === 'none') {
    return { label: trans.__('off'), caption: trans.__('nbtrail does not record this notebook') };
  }
  if (recorder === 'off') {
    return { label: trans.__('off'), caption: trans.__('nbtrail is turned off in this notebook') };
  }
  if (run === null) {
    return { label: trans.__('on'), caption: trans.__('nbtrail records; there is no run yet') };
  }
  const name = run.info.run_name;
  return run.info.status === 'RUNNING'
    ? { label: `● ${name}`, caption: trans.__('nbtrail is recording the run %1', name) }
    : { label: name, caption: trans.__('nbtrail records; the last run is %1', name) };
}
