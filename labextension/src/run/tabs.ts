/** The tabs of a run's page. */
import type { TranslationBundle } from '@jupyterlab/translation';

export const TABS = [
  'overview',
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

/** The tab that a page's state names; the first where it names none. */
export function tabIn(name: unknown): TabId {
  return TABS.find(tab => tab === name) ?? TABS[0];
}

export function tabTitles(trans: TranslationBundle): Record<TabId, string> {
  return {
    overview: trans.__('Overview'),
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
