import React, { useRef } from 'react';

import { useServices } from '../common/context';
import { Environment } from './about/Environment';
import { History } from './about/History';
import { Notes } from './about/Notes';
import { Artifacts } from './artifacts/Artifacts';
import { Charts } from './charts/Charts';
import { Boundary } from './common/Boundary';
import { useRunPage } from './context';
import { Data } from './data/Data';
import { Lineage } from './lineage/Lineage';
import { Overview } from './overview/Overview';
import { type TabId, tabByKey, TABS, tabTitles } from './tabs';
import { Trail } from './trail/Trail';

const CONTENTS: Record<TabId, () => React.JSX.Element> = {
  overview: Overview,
  charts: () => <Charts of="run" />,
  trail: Trail,
  artifacts: Artifacts,
  data: Data,
  lineage: Lineage,
  environment: Environment,
  system: () => <Charts of="machine" />,
  notes: Notes,
  history: History
};

/** The titles of the tabs; one of them can be reached by Tab, the others from it by arrows. */
export function TabBar(): React.JSX.Element {
  const { trans } = useServices();
  const { place, runId, go } = useRunPage();
  const bar = useRef<HTMLDivElement>(null);
  const titles = tabTitles(trans);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const next = tabByKey(event.key, place.tab);
    if (next !== null) {
      event.preventDefault();
      go(next);
      bar.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
    }
  };
  return (
    <div ref={bar} className="nbtrail-Tabs" role="tablist" onKeyDown={onKeyDown}>
      {TABS.map(tab => (
        <button
          key={tab}
          id={`nbtrail-${runId}-${tab}`}
          role="tab"
          data-tab={tab}
          aria-selected={tab === place.tab}
          aria-controls={`nbtrail-${runId}-panel`}
          tabIndex={tab === place.tab ? 0 : -1}
          onClick={() => go(tab)}
        >
          {titles[tab]}
        </button>
      ))}
    </div>
  );
}

/** The tab that is open; the others are not there. */
export function TabPanel(): React.JSX.Element {
  const { place, runId } = useRunPage();
  const Content = CONTENTS[place.tab];
  return (
    <div
      key={place.tab}
      id={`nbtrail-${runId}-panel`}
      className="nbtrail-TabPanel"
      role="tabpanel"
      tabIndex={0}
      aria-labelledby={`nbtrail-${runId}-${place.tab}`}
      data-tab={place.tab}
    >
      <Boundary>
        <Content />
      </Boundary>
    </div>
  );
}
