import React, { useCallback } from 'react';

import type { IRelative } from '../../api/run';
import { Section } from '../../common/Section';
import { StatusLabel } from '../../common/StatusLabel';
import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';

/** The run that this one belongs to, and those that belong to it. */
export function Relatives(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(() => api.run.relatives(runId), [api, runId]);
  return (
    <Loaded load={load}>
      {({ parent, children }) => (
        <>
          {parent && <RelativeList title={trans.__('Part of')} runs={[parent]} />}
          {children.length > 0 && (
            <RelativeList title={trans.__('Its %1 runs', children.length)} runs={children} />
          )}
        </>
      )}
    </Loaded>
  );
}

interface IRelativeListProps {
  title: string;
  runs: IRelative[];
}

function RelativeList({ title, runs }: IRelativeListProps): React.JSX.Element {
  const { open } = useRunPage();
  return (
    <Section title={title}>
      <ul className="nbtrail-PlainList">
        {runs.map(({ run_id, name, status }) => (
          <li key={run_id}>
            <button className="nbtrail-Link" onClick={() => open('run', { run_id })}>
              {name || run_id.slice(0, 8)}
            </button>
            <StatusLabel status={status} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
