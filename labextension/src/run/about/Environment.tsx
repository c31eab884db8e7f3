import React, { useCallback } from 'react';

import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { Fact } from '../common/Facts';
import { FilteredRows } from '../common/FilteredRows';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { environmentIn, lineKind } from './environment';

/** Where and how the run ran: machine, packages, git with what was not committed. */
export function Environment(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(async () => environmentIn(await api.run.context(runId)), [api, runId]);
  return (
    <Loaded load={load}>
      {({ packages, diff, documents }) => (
        <>
          {packages.length === 0 && documents.length === 0 && (
            <p className="nbtrail-Note">{trans.__('Nobody noted where this run ran.')}</p>
          )}
          <div className="nbtrail-Columns">
            <div>
              {documents.map(({ kind, facts }) => (
                <Section key={kind} title={kind} testId={`nbtrail-context-${kind}`}>
                  <FilteredRows
                    items={facts}
                    textOf={([key, value]) => `${key} ${value}`}
                    head={[trans.__('What'), trans.__('Value')]}
                    label={kind}
                  >
                    {fact => <Fact key={fact[0]} fact={fact} />}
                  </FilteredRows>
                </Section>
              ))}
            </div>
            {packages.length > 0 && (
              <Section title={trans.__('Packages')} testId="nbtrail-packages">
                <FilteredRows
                  items={packages}
                  textOf={([name, version]) => `${name} ${version}`}
                  head={[trans.__('Package'), trans.__('Version')]}
                  label={trans.__('Packages')}
                >
                  {fact => <Fact key={fact[0]} fact={fact} />}
                </FilteredRows>
              </Section>
            )}
          </div>
          {diff !== '' && (
            <Section title={trans.__('What was not committed')} testId="nbtrail-git-diff">
              <Diff diff={diff} />
            </Section>
          )}
        </>
      )}
    </Loaded>
  );
}

function Diff({ diff }: { diff: string }): React.JSX.Element {
  return (
    <pre className="nbtrail-Text nbtrail-Patch" tabIndex={0}>
      {diff.split('\n').map((line, i) => (
        <span key={i} data-line={lineKind(line)}>
          {line || ' '}
        </span>
      ))}
    </pre>
  );
}
