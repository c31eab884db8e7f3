import React from 'react';

import { useServices } from '../common/context';
import { TabBar, tabId } from '../common/TabBar';
import { Environment } from './about/Environment';
import { History } from './about/History';
import { Notes } from './about/Notes';
import { Artifacts } from './artifacts/Artifacts';
import { Charts } from './charts/Charts';
import { Boundary } from '../common/Boundary';
import { useRun, useRunPage } from './context';
import { Data } from './data/Data';
import { Lineage } from './lineage/Lineage';
import { Overview } from './overview/Overview';
import { Pipeline } from './pipeline/Pipeline';
import { Sweep } from './sweep/Sweep';
import { type TabId, tabsOf, tabTitles } from './tabs';
import { Trail } from './trail/Trail';

const CONTENTS: Record<TabId, () => React.JSX.Element> = {
  overview: Overview,
  sweep: Sweep,
  pipeline: Pipeline,
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
  const tabs = tabsOf(useRun().tags);
  const titles = tabTitles(trans);
  const panelId = `nbtrail-${runId}-panel`;
  const open = tabs.includes(place.tab) ? place.tab : tabs[0];
  const Content = CONTENTS[open];
  return (
    <>
      <TabBar
        className="nbtrail-Tabs"
        panelId={panelId}
        tabs={tabs.map(id => ({ id, title: titles[id] }))}
        selected={open}
        onSelect={tab => go(tab)}
      />
      <div
        key={open}
        id={panelId}
        className="nbtrail-TabPanel"
        role="tabpanel"
        tabIndex={0}
        aria-labelledby={tabId(panelId, open)}
        data-tab={open}
      >
        <Boundary>
          <Content />
        </Boundary>
      </div>
    </>
  );
}
