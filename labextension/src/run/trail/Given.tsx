import React from 'react';

import type { IExecution } from '../../api/trails';
import { useServices } from '../../common/context';
import { useRunPage } from '../context';
import type { TabId } from '../tabs';

interface IGift {
  what: string;
  names: readonly string[];
  tab: TabId;
}

/** What a cell gave to the run; each leads to where more of it is. */
export function Given({ execution }: { execution: IExecution }): React.JSX.Element | null {
  const { trans } = useServices();
  const { go } = useRunPage();
  const { params, metrics, artifacts, models, datasets } = execution;
  const gifts: IGift[] = [
    { what: trans.__('params'), names: params, tab: 'overview' as const },
    { what: trans.__('metrics'), names: metrics, tab: 'charts' as const },
    { what: trans.__('files'), names: artifacts, tab: 'artifacts' as const },
    { what: trans.__('models'), names: models, tab: 'data' as const },
    { what: trans.__('data'), names: datasets, tab: 'data' as const }
  ].filter(({ names }) => names.length > 0);
  if (gifts.length === 0) {
    return null;
  }
  return (
    <footer className="nbtrail-Given">
      {gifts.map(({ what, names, tab }) => (
        <span key={what}>
          {what}
          {names.map(name => (
            <button key={name} className="nbtrail-Link" onClick={() => go(tab, name)}>
              {name}
            </button>
          ))}
        </span>
      ))}
    </footer>
  );
}
