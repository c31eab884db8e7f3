import React from 'react';

import { type Stage, STAGES } from '../api/models';
import type { IVersionRecord } from '../api/registry';
import { useServices } from '../common/context';
import { ask } from '../sidebar/dialogs';
import { useAct, useModelPage } from './context';
import { useVersionManaging } from './managing';

/** What can be done with a version: an alias, another stage with the reason for it, serving. */
export function VersionActions({ version }: { version: IVersionRecord }): React.JSX.Element {
  const { trans } = useServices();
  const { registry, name } = useModelPage();
  const { version: number, aliases } = version;
  const act = useAct();
  const { alias, stage, serve } = useDialogs(version);
  const { copy, remove } = useVersionManaging(number);
  return (
    <div className="nbtrail-Actions">
      <button aria-label={trans.__('Set an alias of version %1', number)} onClick={alias}>
        {trans.__('Alias…')}
      </button>
      {aliases.map(one => (
        <button
          key={one}
          aria-label={trans.__('Remove the alias %1', one)}
          onClick={() => void act(() => registry.dropAlias(name, one))}
        >
          {one} ×
        </button>
      ))}
      <button aria-label={trans.__('Change the stage of version %1', number)} onClick={stage}>
        {trans.__('Stage…')}
      </button>
      <button aria-label={trans.__('Serve version %1', number)} onClick={() => void serve()}>
        {trans.__('Serve…')}
      </button>
      <button aria-label={trans.__('Copy version %1', number)} onClick={() => void copy()}>
        {trans.__('Copy…')}
      </button>
      <button aria-label={trans.__('Delete version %1', number)} onClick={() => void remove()}>
        {trans.__('Delete…')}
      </button>
    </div>
  );
}

interface IDialogs {
  alias(): void;
  stage(): void;
  serve(): Promise<void>;
}

export function useDialogs({ version }: Pick<IVersionRecord, 'version'>): IDialogs {
  const { trans } = useServices();
  const { registry, served, name, open } = useModelPage();
  const act = useAct();
  const alias = async () => {
    const fields = [{ name: 'alias', label: trans.__('Alias, such as “champion”') }];
    const title = trans.__('Alias for version %1', version);
    const found = await ask(title, trans.__('Set'), fields, trans);
    if (found?.alias.trim()) {
      await act(() => registry.setAlias(name, found.alias.trim(), version));
    }
  };
  const stage = async () => {
    const label = trans.__('Stage: %1', STAGES.join(', '));
    const fields = [
      { name: 'stage', label, suggestions: STAGES },
      { name: 'reason', label: trans.__('Reason, for the history') }
    ];
    const title = trans.__('Stage of version %1', version);
    const found = await ask(title, trans.__('Change'), fields, trans);
    if (found?.stage.trim()) {
      const reason = found.reason.trim();
      const edit = { stage: found.stage.trim() as Stage, ...(reason ? { reason } : {}) };
      await act(() => registry.changeVersion(name, version, edit));
    }
  };
  const serve = async () => {
    const fields = [{ name: 'name', label: trans.__('Name of the endpoint'), value: name }];
    const title = trans.__('Serve version %1', version);
    const found = await ask(title, trans.__('Serve'), fields, trans);
    const endpoint = found?.name.trim();
    if (endpoint && (await act(() => served.serve(`models:/${name}/${version}`, endpoint)))) {
      open('endpoint', { name: endpoint });
    }
  };
  return { alias: () => void alias(), stage: () => void stage(), serve };
}
