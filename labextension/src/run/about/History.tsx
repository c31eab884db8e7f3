import React, { useCallback } from 'react';

import { useServices } from '../../common/context';
import { fullTime } from '../../common/format';
import { FilteredRows } from '../common/FilteredRows';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { inWords } from '../text';

/** The audit: who changed what of the run, what was before; the latest change first. */
export function History(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(async () => (await api.run.audit(runId)).reverse(), [api, runId]);
  return (
    <Loaded load={load}>
      {edits =>
        edits.length === 0 ? (
          <p className="nbtrail-Note">
            {trans.__('No metric, param or note was changed since it was recorded.')}
          </p>
        ) : (
          <FilteredRows
            items={edits}
            textOf={({ who, action, key }) => `${who} ${action} ${key ?? ''}`}
            head={[
              trans.__('When'),
              trans.__('Who'),
              trans.__('What'),
              trans.__('Before'),
              trans.__('After')
            ]}
            label={trans.__('Changes')}
          >
            {({ at, who, action, key, before, after }) => (
              <tr key={`${at} ${action} ${key}`}>
                <th scope="row">
                  <time dateTime={new Date(at).toISOString()}>
                    {fullTime(new Date(at).getTime())}
                  </time>
                </th>
                <td>{who}</td>
                <td>{[action.replaceAll('_', ' '), key].filter(Boolean).join(' ')}</td>
                <td className="nbtrail-Value">{inWords(before)}</td>
                <td className="nbtrail-Value">{inWords(after)}</td>
              </tr>
            )}
          </FilteredRows>
        )
      }
    </Loaded>
  );
}
