import { Clipboard, Notification } from '@jupyterlab/apputils';
import React from 'react';

import type { IEndpoint } from '../../api/models';
import { useLive, useServices } from '../../common/context';
import { ErrorState } from '../../common/ErrorState';
import { CommandIDs } from '../../tokens';
import { EndpointState } from './EndpointState';
import type { EndpointsModel } from './model';
import { TryForm } from './TryForm';

/** The served models: whether they live, and a form to try each. */
export function EndpointsView({ model }: { model: EndpointsModel }): React.JSX.Element {
  const { trans } = useServices();
  const { ready, error, endpoints } = useLive(model);
  if (error !== null) {
    return <ErrorState message={error} retry={() => model.invalidate()} />;
  }
  if (!ready) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  if (endpoints.length === 0) {
    return (
      <p className="nbtrail-Note">
        {trans.__('Nothing is served yet: choose “Serve…” of a version under Models.')}
      </p>
    );
  }
  return (
    <ul className="nbtrail-List">
      {endpoints.map(endpoint => (
        <Endpoint key={endpoint.name} endpoint={endpoint} model={model} />
      ))}
    </ul>
  );
}

interface IEndpointProps {
  endpoint: IEndpoint;
  model: EndpointsModel;
}

function Endpoint({ endpoint, model }: IEndpointProps): React.JSX.Element {
  const { trans } = useServices();
  const { name, model_uri, state, error } = endpoint;
  return (
    <li className="nbtrail-Endpoint" data-testid="nbtrail-endpoint" data-state={state}>
      <strong className="nbtrail-Model-name">{name}</strong>
      <div className="nbtrail-Run-facts">
        <EndpointState state={state} />
        <span title={model_uri}>{model_uri}</span>
      </div>
      {error !== null && (
        <p className="nbtrail-Run-error" title={error}>
          {error}
        </p>
      )}
      <Controls endpoint={endpoint} model={model} />
      {state === 'ready' && (
        <details>
          <summary>{trans.__('Try it')}</summary>
          <TryForm endpoint={endpoint} model={model} />
        </details>
      )}
    </li>
  );
}

function Controls({ endpoint, model }: IEndpointProps): React.JSX.Element {
  const { commands, trans } = useServices();
  const { name, state, url } = endpoint;
  const isLive = state === 'ready' || state === 'starting';
  const copy = () => {
    Clipboard.copyToSystem(new URL(url, window.location.href).href);
    Notification.success(trans.__('The URL is in the clipboard.'), { autoClose: 3000 });
  };
  return (
    <div className="nbtrail-Controls">
      <button
        className="jp-mod-styled nbtrail-Small"
        aria-label={isLive ? trans.__('Stop %1', name) : trans.__('Start %1', name)}
        onClick={() => void (isLive ? model.stop(endpoint) : model.start(endpoint))}
      >
        {isLive ? trans.__('Stop') : trans.__('Start')}
      </button>
      <button
        className="nbtrail-Link"
        aria-label={trans.__('Open the endpoint %1', name)}
        onClick={() =>
          void commands.execute(CommandIDs.openPage, { kind: 'endpoint', state: { name } })
        }
      >
        {trans.__('Open')}
      </button>
      <button className="nbtrail-Link" onClick={copy}>
        {trans.__('copy URL')}
      </button>
    </div>
  );
}
