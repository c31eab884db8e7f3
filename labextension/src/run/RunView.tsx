import React, { useEffect, useMemo, useState } from 'react';

import { ErrorState } from '../common/ErrorState';
import { useLive, useServices } from '../common/context';
import { LostNote } from '../common/LostNote';
import type { IPageHost, PageState } from '../pages/page';
import { type IRunApis, type IRunPage, type ITools, RunPageContext } from './context';
import { Header } from './Header';
import type { RunPageModel } from './model';
import { Tabs } from './Tabs';
import { tabIn } from './tabs';

interface IRunViewProps {
  host: IPageHost;
  runId: string;
  api: IRunApis;
  tools: ITools;
  model: RunPageModel;
}

/** The whole page: what is to be known of the run at any time, and one of the tabs. */
export function RunView(props: IRunViewProps): React.JSX.Element {
  const { host, model } = props;
  const { trans } = useServices();
  const page = usePage(props);
  const { run, error, ready } = useLive(model.run);
  const name = run?.info.run_name;
  useEffect(() => {
    if (name) {
      host.setTitle(name);
    }
  }, [host, name]);
  if (error !== null) {
    return <ErrorState message={error} retry={() => model.run.invalidate()} />;
  }
  if (!ready || run === null) {
    return <p className="nbtrail-Note nbtrail-RunPage-wait">{trans.__('Loading…')}</p>;
  }
  return (
    <RunPageContext.Provider value={page}>
      <LostNote />
      <Header />
      <Tabs />
    </RunPageContext.Provider>
  );
}

/** What the components share; where they are is remembered by the page's tab in JupyterLab. */
function usePage({ host, runId, api, tools, model }: IRunViewProps): IRunPage {
  const [state, setState] = useState(host.state);
  useEffect(() => {
    const onAsked = (_: unknown, asked: PageState) => {
      if (asked.tab !== undefined) {
        host.setState(asked);
        setState(asked);
      }
    };
    host.asked.connect(onAsked);
    return () => void host.asked.disconnect(onAsked);
  }, [host]);
  return useMemo(() => {
    const { item } = state;
    return {
      ...{ runId, api, tools, model },
      place: { tab: tabIn(state.tab), item: typeof item === 'string' ? item : null },
      go: (tab, item = null) => {
        const next = { run_id: runId, tab, ...(item === null ? {} : { item: String(item) }) };
        host.setState(next);
        setState(next);
      },
      open: (kind, asked) => host.open(kind, asked)
    };
  }, [host, runId, api, tools, model, state]);
}
