import { Time } from '@jupyterlab/coreutils';
import React, { useCallback } from 'react';

import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { FilteredRows } from '../run/common/FilteredRows';
import { inWords } from '../run/text';
import { useModelPage } from './context';

/** The audit: who changed what of the model, what was before, and why; the latest change first. */
export function History(): React.JSX.Element {
  const { trans } = useServices();
  const { registry, name } = useModelPage();
  const load = useCallback(() => registry.history(name), [registry, name]);
  const heads = [trans.__('When'), trans.__('Who'), trans.__('Version'), trans.__('What')];
  return (
    <Asked load={load}>
      {({ changes, more }) => (
        <>
          <FilteredRows
            items={changes}
            textOf={({ who, action, key, reason }) => `${who} ${action} ${key} ${reason}`}
            head={[...heads, trans.__('Before'), trans.__('After'), trans.__('Why')]}
            label={trans.__('Changes')}
          >
            {({ id, at, who, version, action, key, before, after, reason }) => (
              <tr key={id}>
                <th scope="row">
                  <time dateTime={new Date(at).toISOString()}>{Time.format(new Date(at))}</time>
                </th>
                <td>{who}</td>
                <td>{version}</td>
                <td>{[action.replaceAll('_', ' '), key].filter(Boolean).join(' ')}</td>
                <td className="nbtrail-Value">{inWords(before)}</td>
                <td className="nbtrail-Value">{inWords(after)}</td>
                <td>{reason}</td>
              </tr>
            )}
          </FilteredRows>
          {more && (
            <p className="nbtrail-Hint">{trans.__('Older changes: nbtrail models history')}</p>
          )}
        </>
      )}
    </Asked>
  );
}
