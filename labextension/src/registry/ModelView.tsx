import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo } from 'react';

import { useLive, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { LostNote } from '../common/LostNote';
import { Tabbed, usePageState } from '../common/TabbedPage';
import type { IPageHost } from '../pages/page';
import { Card } from './Card';
import { Comparison } from './Comparison';
import { type IModelPage, ModelPageContext } from './context';
import { Header } from './Header';
import { History } from './History';
import { Lineage } from './Lineage';
import { Signature } from './Signature';
import { TryIt } from './TryIt';
import { Versions } from './Versions';

interface IModelViewProps {
  host: IPageHost;
  fixed: Omit<IModelPage, 'place' | 'go' | 'open' | 'close'>;
}

/** The whole page: what the model is called and for, and one of the tabs. */
export function ModelView({ host, fixed }: IModelViewProps): React.JSX.Element {
  const { trans } = useServices();
  const [state, go] = usePageState(host);
  const { ready, error, record } = useLive(fixed.model);
  const page = useMemo((): IModelPage => {
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const place = { version: text(state.version), other: text(state.other) };
    const open = (kind: string, asked: Record<string, string>) => host.open(kind, asked);
    return { ...fixed, place, go, open, close: () => host.close() };
  }, [fixed, state, go, host]);
  if (error !== null) {
    return <ErrorState message={error} retry={() => fixed.model.invalidate()} />;
  }
  if (!ready || record === null) {
    return <p className="nbtrail-Note nbtrail-RunPage-wait">{trans.__('Loading…')}</p>;
  }
  return (
    <ModelPageContext.Provider value={page}>
      <LostNote />
      <Header />
      <Tabbed
        panelId={`nbtrail-model-${encodeURIComponent(fixed.name)}`}
        titles={titlesOf(trans)}
        contents={CONTENTS}
        tab={state.tab}
        onSelect={tab => go({ tab })}
      />
    </ModelPageContext.Provider>
  );
}

const CONTENTS = {
  versions: Versions,
  compare: Comparison,
  card: Card,
  signature: Signature,
  lineage: Lineage,
  try: TryIt,
  history: History
};

function titlesOf(trans: TranslationBundle): Record<keyof typeof CONTENTS, string> {
  return {
    versions: trans.__('Versions'),
    compare: trans.__('Compare'),
    card: trans.__('Card'),
    signature: trans.__('Signature'),
    lineage: trans.__('Lineage'),
    try: trans.__('Try it'),
    history: trans.__('History')
  };
}
