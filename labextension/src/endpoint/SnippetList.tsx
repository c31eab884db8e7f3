import React, { useCallback } from 'react';

import { LANGUAGES } from '../api/endpoints';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { copied } from './copy';
import { useEndpoint, useEndpointPage } from './context';

const TITLES = { curl: 'curl', python: 'Python', javascript: 'JavaScript' } as const;

/** How others ask the endpoint, in three languages. */
export function SnippetList(): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const { url } = useEndpoint();
  const load = useCallback(() => endpoints.snippets(name), [endpoints, name]);
  // The server does not know under which address it is reached: this window does.
  const whole = new URL(url, window.location.href).href;
  const complete = (text: string) => (text.includes(whole) ? text : text.replaceAll(url, whole));
  return (
    <Asked load={load}>
      {snippets => (
        <>
          {LANGUAGES.map(language => (
            <Section
              key={language}
              title={TITLES[language]}
              testId={`nbtrail-snippet-${language}`}
              actions={
                <button
                  className="nbtrail-Link"
                  aria-label={trans.__('Copy the %1 snippet', TITLES[language])}
                  onClick={() => copied(complete(snippets[language]), trans)}
                >
                  {trans.__('Copy')}
                </button>
              }
            >
              <pre className="nbtrail-Source" tabIndex={0} aria-label={TITLES[language]}>
                {complete(snippets[language])}
              </pre>
            </Section>
          ))}
        </>
      )}
    </Asked>
  );
}
