import React, { useCallback } from 'react';

import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { EndpointState } from '../sidebar/endpoints/EndpointState';
import { TryForm } from '../sidebar/endpoints/TryForm';
import { useModelPage, useVersion } from './context';
import { VersionChoice } from './VersionChoice';
import { useDialogs } from './VersionActions';

/** A form for each endpoint that serves the version, or the way to serve it. */
export function TryIt(): React.JSX.Element {
  const { trans } = useServices();
  const { served, name, open } = useModelPage();
  const version = useVersion()?.version ?? '';
  const { serve } = useDialogs({ version });
  const load = useCallback(
    async () =>
      (await served.endpoints()).filter(one => one.model === name && one.version === version),
    [served, name, version]
  );
  return (
    <>
      <VersionChoice />
      <Asked load={load}>
        {endpoints => (
          <>
            {endpoints.map(endpoint => (
              <Section
                key={endpoint.name}
                title={endpoint.name}
                actions={
                  <button
                    className="nbtrail-Link"
                    onClick={() => open('endpoint', { name: endpoint.name })}
                  >
                    {trans.__('Open')}
                  </button>
                }
              >
                <EndpointState state={endpoint.state} />
                {endpoint.state === 'ready' && <TryForm endpoint={endpoint} model={served} />}
              </Section>
            ))}
            {endpoints.length === 0 && (
              <p className="nbtrail-Note">{trans.__('This version is not served.')}</p>
            )}
            <div className="nbtrail-Actions">
              <button disabled={version === ''} onClick={() => void serve()}>
                {trans.__('Serve…')}
              </button>
            </div>
          </>
        )}
      </Asked>
    </>
  );
}
