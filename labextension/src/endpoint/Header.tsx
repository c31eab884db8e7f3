import React from 'react';

import { useServices } from '../common/context';
import { relativeTime } from '../common/format';
import { EndpointState } from '../sidebar/endpoints/EndpointState';
import { copied } from './copy';
import { useAct, useEndpoint, useEndpointPage } from './context';

/** What is served under which name, whether it answers, and the ways to start and to stop it. */
export function Header(): React.JSX.Element {
  const { trans } = useServices();
  const { served, open } = useEndpointPage();
  const { name, state, model, version, model_uri, started, error, revision, url } = useEndpoint();
  const act = useAct();
  const isLive = state === 'ready' || state === 'starting';
  const toggle = () => (isLive ? served.stop(name) : served.start(name));
  return (
    <div className="nbtrail-RunHeader" data-testid="nbtrail-endpoint-header" data-state={state}>
      <div className="nbtrail-RunHeader-title">
        <h1 title={name}>{name}</h1>
      </div>
      <div className="nbtrail-Run-facts">
        <EndpointState state={state} />
        <span title={model_uri}>{model_uri}</span>
        {version !== null && <span>{trans.__('version %1', version)}</span>}
        {revision !== undefined && <span>{trans.__('revision %1', revision)}</span>}
        {started !== null && <span>{trans.__('started %1', relativeTime(started))}</span>}
      </div>
      {error !== null && <p className="nbtrail-RunHeader-error">{error}</p>}
      <div className="nbtrail-Actions">
        <button disabled={state === 'starting'} onClick={() => void act(toggle)}>
          {isLive ? trans.__('Stop') : trans.__('Start')}
        </button>
        <button onClick={() => copied(new URL(url, window.location.href).href, trans)}>
          {trans.__('Copy the URL')}
        </button>
        {model !== null && (
          <button
            onClick={() => open('model', { name: model, ...(version === null ? {} : { version }) })}
          >
            {trans.__('Open the model')}
          </button>
        )}
      </div>
    </div>
  );
}
