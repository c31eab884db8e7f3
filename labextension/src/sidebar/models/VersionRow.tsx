import { HTMLSelect } from '@jupyterlab/ui-components';
import React from 'react';

import { type IVersion, type Stage, STAGES } from '../../api/models';
import { useServices } from '../../common/context';
import { CommandIDs } from '../../tokens';
import { ask } from '../dialogs';
import type { ModelsModel } from './model';

interface IVersionRowProps {
  version: IVersion;
  model: ModelsModel;
}

/** A version: where it comes from, its aliases and stage, and a way to serve it. */
export function VersionRow({ version, model }: IVersionRowProps): React.JSX.Element {
  const { trans } = useServices();
  const { name, version: number, stage, flavor } = version;
  const serve = async () => {
    const field = { name: 'name', label: trans.__('Name of the endpoint'), value: name };
    const found = await ask(
      trans.__('Serve version %1', number),
      trans.__('Serve'),
      [field],
      trans
    );
    if (found?.name.trim()) {
      await model.serve(version, found.name.trim());
    }
  };
  return (
    <li className="nbtrail-Version" data-testid="nbtrail-version" data-version={number}>
      <div className="nbtrail-Run-facts">
        <strong>{trans.__('Version %1', number)}</strong>
        {flavor && <span>{flavor}</span>}
        <SourceRun version={version} />
      </div>
      <Aliases version={version} model={model} />
      <div className="nbtrail-Controls">
        <HTMLSelect
          className="nbtrail-Select"
          aria-label={trans.__('Stage of version %1', number)}
          value={stage}
          onChange={event => void model.stage(version, event.target.value as Stage)}
          options={[...STAGES]}
        />
        <button className="jp-mod-styled nbtrail-Small" onClick={() => void serve()}>
          {trans.__('Serve…')}
        </button>
      </div>
    </li>
  );
}

function SourceRun({ version }: { version: IVersion }): React.JSX.Element | null {
  const { commands } = useServices();
  const { run_id, run_name } = version;
  if (run_id === null) {
    return null;
  }
  const open = () => commands.execute(CommandIDs.openPage, { kind: 'run', state: { run_id } });
  return (
    <button className="nbtrail-Link" onClick={() => void open()}>
      {run_name || run_id.slice(0, 8)}
    </button>
  );
}

function Aliases({ version, model }: IVersionRowProps): React.JSX.Element {
  const { trans } = useServices();
  const { name, version: number, aliases } = version;
  const add = async () => {
    const field = { name: 'alias', label: trans.__('Alias, such as “champion”') };
    const title = trans.__('Alias for version %1', number);
    const found = await ask(title, trans.__('Set'), [field], trans);
    if (found?.alias.trim()) {
      await model.setAlias(version, found.alias.trim());
    }
  };
  return (
    <div className="nbtrail-Chips">
      {aliases.map(alias => (
        <span key={alias} className="nbtrail-Param">
          {alias}
          <button
            className="nbtrail-Link"
            aria-label={trans.__('Remove the alias %1', alias)}
            onClick={() => void model.dropAlias(name, alias)}
          >
            ×
          </button>
        </span>
      ))}
      <button className="nbtrail-Link" onClick={() => void add()}>
        {trans.__('+ alias')}
      </button>
    </div>
  );
}
