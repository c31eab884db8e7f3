import React from 'react';

import { useServices } from '../common/context';
import { TabBar, tabId } from '../common/TabBar';
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
import { type TabId, TABS, tabTitles } from './tabs';
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

/** The titles of the tabs, and below them the one that is open; the others are not there. */
export function Tabs(): React.JSX.Element {
  const { trans } = useServices();
  const { place, runId, go } = useRunPage();
  const titles = tabTitles(trans);
  const panelId = `nbtrail-${runId}-panel`;
  const Content = CONTENTS[place.tab];
  return (
    <>
      <TabBar
        className="nbtrail-Tabs"
        panelId={panelId}
        tabs={TABS.map(id => ({ id, title: titles[id] }))}
        selected={place.tab}
        onSelect={tab => go(tab)}
      />
      <div
        key={place.tab}
        id={panelId}
        className="nbtrail-TabPanel"
        role="tabpanel"
        tabIndex={0}
        aria-labelledby={tabId(panelId, place.tab)}
        data-tab={place.tab}
      >
        <Boundary>
          <Content />
        </Boundary>
      </div>
    </>
  );
}
