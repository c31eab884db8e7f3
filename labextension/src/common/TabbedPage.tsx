import React, { useCallback, useEffect, useState } from 'react';

import type { IPageHost, PageState } from '../pages/page';
import { Boundary } from './Boundary';
import { TabBar, tabId } from './TabBar';

/** What a page shows, and what shows something else of it; the tab in JupyterLab remembers it. */
export function usePageState(host: IPageHost): [PageState, (change: PageState) => void] {
  const [state, setState] = useState(host.state);
  useEffect(() => {
    const onAsked = (_: unknown, asked: PageState) => setState(old => ({ ...old, ...asked }));
    host.asked.connect(onAsked);
    return () => void host.asked.disconnect(onAsked);
  }, [host]);
  useEffect(() => {
    if (state !== host.state) {
      host.setState(state);
    }
  }, [host, state]);
  const go = useCallback(
    (change: PageState) => setState(old => ({ ...old, ...change })),
    [setState]
  );
  return [state, go];
}

interface ITabbedProps<T extends string> {
  panelId: string;
  titles: Readonly<Record<T, string>>;
  contents: Readonly<Record<T, () => React.JSX.Element>>;
  /** As the page's state says it; the first where it says none. */
  tab: unknown;
  onSelect(tab: T): void;
}

/** The titles of the tabs, and below them the one that is open; the others are not there. */
export function Tabbed<T extends string>(props: ITabbedProps<T>): React.JSX.Element {
  const { panelId, titles, contents, onSelect } = props;
  const ids = Object.keys(titles) as T[];
  const open = ids.find(id => id === props.tab) ?? ids[0];
  const Content: () => React.JSX.Element = contents[open];
  return (
    <>
      <TabBar
        className="nbtrail-Tabs"
        panelId={panelId}
        tabs={ids.map(id => ({ id, title: titles[id] }))}
        selected={open}
        onSelect={onSelect}
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
