/** The tabs of a run's page. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { PIPELINE, SWEEP } from './keys';

export const TABS = [
  'overview',
  'sweep',
  'pipeline',
  'charts',
  'trail',
  'artifacts',
  'data',
  'lineage',
  'environment',
  'system',
  'notes',
  'history'
] as const;

export type TabId = (typeof TABS)[number];

/** Tabs that only those runs have which have a tag. */
const OF_TAG: Partial<Record<TabId, string>> = { sweep: SWEEP, pipeline: PIPELINE };

/** The tabs of a run with these tags. */
export function tabsOf(tags: Readonly<Record<string, string>>): TabId[] {
  return TABS.filter(tab => {
    const tag = OF_TAG[tab];
    return tag === undefined || tag in tags;
  });
}

/** The tab that a page's state names; the first where it names none. */
export function tabIn(name: unknown): TabId {
  return TABS.find(tab => tab === name) ?? TABS[0];
}

export function tabTitles(trans: TranslationBundle): Record<TabId, string> {
  return {
    overview: trans.__('Overview'),
    sweep: trans.__('Sweep'),
    pipeline: trans.__('Pipeline'),
    charts: trans.__('Charts'),
    trail: trans.__('Trail'),
    artifacts: trans.__('Artifacts'),
    data: trans.__('Data and models'),
    lineage: trans.__('Lineage'),
    environment: trans.__('Environment'),
    system: trans.__('System'),
    notes: trans.__('Notes'),
    history: trans.__('History')
  };
}
