import React from 'react';

import { useOwnId } from './context';

interface ISectionProps {
  title: string;
  actions?: React.ReactNode;
  testId?: string;
  children: React.ReactNode;
}

/** A titled part of the panel, with its controls beside the title. */
export function Section({ title, actions, testId, children }: ISectionProps): React.JSX.Element {
  const id = useOwnId();
  return (
    <section className="nbtrail-Section" aria-labelledby={id} data-testid={testId}>
      <header className="nbtrail-Section-header">
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
