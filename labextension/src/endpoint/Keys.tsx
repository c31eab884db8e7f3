import { Time } from '@jupyterlab/coreutils';
import React, { useCallback, useState } from 'react';

import type { IKey } from '../api/endpoints';
import { Asked } from '../common/Asked';
import { attempt } from '../common/attempt';
import { useServices } from '../common/context';
import { ask } from '../sidebar/dialogs';
import { copied } from './copy';
import { useEndpointPage } from './context';

/** The keys of those who ask without Jupyter; the secret of a new one is shown once. */
export function Keys(): React.JSX.Element {
  const { endpoints, name } = useEndpointPage();
  const [secret, setSecret] = useState<string | null>(null);
  const load = useCallback(() => endpoints.keys(name), [endpoints, name]);
  return (
    <>
      {secret !== null && <Secret secret={secret} forget={() => setSecret(null)} />}
      <Asked load={load}>
        {(keys, again) => <KeyTable {...{ keys, again }} onCreated={setSecret} />}
      </Asked>
    </>
  );
}

function Secret({ secret, forget }: { secret: string; forget(): void }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <div role="status" className="nbtrail-Sentence" data-testid="nbtrail-secret">
      {trans.__('The new key, which is shown this once:')} <code>{secret}</code>
      <div className="nbtrail-Actions">
        <button onClick={() => copied(secret, trans)}>{trans.__('Copy')}</button>
        <button onClick={forget}>{trans.__('Hide it')}</button>
      </div>
    </div>
  );
}

interface IKeyTableProps {
  keys: readonly IKey[];
  again(): void;
  onCreated(secret: string): void;
}

function KeyTable({ keys, again, onCreated }: IKeyTableProps): React.JSX.Element {
  const { trans } = useServices();
  const create = useCreate(onCreated, again);
  const words = [trans.__('Name'), trans.__('May'), trans.__('Made'), trans.__('Until')];
  return (
    <>
      <div className="nbtrail-Actions">
        <button onClick={() => void create()}>{trans.__('New key…')}</button>
      </div>
      {keys.length === 0 ? (
        <p className="nbtrail-Note">
          {trans.__('It has no key: whom Jupyter knows may ask without one.')}
        </p>
      ) : (
        <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={trans.__('Keys')}>
          <table className="nbtrail-Facts">
            <thead>
              <tr>
                {[...words, ''].map((head, i) => (
                  <th key={i} scope="col">
                    {head || <span className="nbtrail-Hidden">{trans.__('Actions')}</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {keys.map(key => (
                <KeyRow key={key.id} shown={key} again={again} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function KeyRow({ shown, again }: { shown: IKey; again(): void }): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const { name: called, scope, created, expires } = shown;
  const revoke = async () => {
    await attempt(() => endpoints.deleteKey(name, shown));
    again();
  };
  return (
    <tr data-testid="nbtrail-key">
      <th scope="row">{called}</th>
      <td>{scope === 'read' ? trans.__('read') : trans.__('predict')}</td>
      <td>{Time.format(new Date(created))}</td>
      <td>{expires === null ? trans.__('it is revoked') : Time.format(new Date(expires))}</td>
      <td>
        <div className="nbtrail-Actions">
          <button aria-label={trans.__('Revoke the key %1', called)} onClick={() => void revoke()}>
            {trans.__('Revoke')}
          </button>
        </div>
      </td>
    </tr>
  );
}

function useCreate(onCreated: (secret: string) => void, again: () => void): () => Promise<void> {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  return async () => {
    const fields = [
      { name: 'name', label: trans.__('What it is for') },
      { name: 'days', label: trans.__('Days that it is valid; empty: until it is revoked') }
    ];
    const found = await ask(trans.__('New key for %1', name), trans.__('Make'), fields, trans);
    if (found?.name.trim()) {
      const days = found.days.trim() === '' ? null : Number(found.days);
      const key = { name: found.name.trim(), scope: 'predict' as const, days };
      await attempt(async () => onCreated(await endpoints.createKey(name, key)));
      again();
    }
  };
}
