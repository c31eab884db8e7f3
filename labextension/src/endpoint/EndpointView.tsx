import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useLive, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { LostNote } from '../common/LostNote';
import { Tabbed, usePageState } from '../common/TabbedPage';
import type { IPageHost } from '../pages/page';
import { TryForm } from '../sidebar/endpoints/TryForm';
import { EndpointPageContext, type IEndpointPage, useEndpoint, useEndpointPage } from './context';
import { Header } from './Header';
import { Health } from './Health';
import { Keys } from './Keys';
import { Log } from './Log';
import { Revisions } from './Revisions';
import { Settings } from './Settings';
import { SnippetList } from './SnippetList';

interface IEndpointViewProps {
  host: IPageHost;
  page: IEndpointPage;
}

/** The whole page: what is served and whether it answers, and one of the tabs. */
export function EndpointView({ host, page }: IEndpointViewProps): React.JSX.Element {
  const { trans } = useServices();
  const [state, go] = usePageState(host);
  const { ready, error, record } = useLive(page.model);
  if (error !== null) {
    return <ErrorState message={error} retry={() => page.model.invalidate()} />;
  }
  if (!ready || record === null) {
    const words = ready ? trans.__('No endpoint is called %1.', page.name) : trans.__('Loading…');
    return <p className="nbtrail-Note nbtrail-RunPage-wait">{words}</p>;
  }
  return (
    <EndpointPageContext.Provider value={page}>
      <LostNote />
      <Header />
      <Tabbed
        panelId={`nbtrail-endpoint-${encodeURIComponent(page.name)}`}
        titles={titlesOf(trans)}
        contents={CONTENTS}
        tab={state.tab}
        onSelect={tab => go({ tab })}
      />
    </EndpointPageContext.Provider>
  );
}

/** A form made from the signature of what is served. */
function TryIt(): React.JSX.Element {
  const { trans } = useServices();
  const { served } = useEndpointPage();
  const endpoint = useEndpoint();
  return endpoint.state === 'ready' ? (
    <TryForm endpoint={endpoint} model={served} />
  ) : (
    <p className="nbtrail-Note">{trans.__('It can be tried when it is ready.')}</p>
  );
}

const CONTENTS = {
  health: Health,
  try: TryIt,
  versions: Revisions,
  settings: Settings,
  log: Log,
  keys: Keys,
  code: SnippetList
};

function titlesOf(trans: TranslationBundle): Record<keyof typeof CONTENTS, string> {
  return {
    health: trans.__('Health'),
    try: trans.__('Try it'),
    versions: trans.__('Versions and traffic'),
    settings: trans.__('Settings'),
    log: trans.__('Log'),
    keys: trans.__('Keys'),
    code: trans.__('Code')
  };
}
