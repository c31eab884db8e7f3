import React from 'react';

import { keyParamsFirst } from '../../common/rows';
import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { originInWords } from '../../common/ParamChip';
import { FilteredRows } from '../common/FilteredRows';
import { useRun } from '../context';

/** All params with their values, and where these came from. */
export function Params(): React.JSX.Element {
  const { trans } = useServices();
  const { params } = useRun();
  if (params.length === 0) {
    return (
      <Section title={trans.__('Params')}>
        <p className="nbtrail-Note">{trans.__('No params were recorded.')}</p>
      </Section>
    );
  }
  return (
    <Section title={trans.__('Params')} testId="nbtrail-run-params">
      <FilteredRows
        items={keyParamsFirst(params)}
        textOf={({ key, value }) => `${key} ${value}`}
        head={[trans.__('Param'), trans.__('Value'), trans.__('Set by')]}
        label={trans.__('Params')}
      >
        {param => (
          <tr key={param.key} data-key={param.key}>
            <th scope="row">{param.key}</th>
            <td className="nbtrail-Value">{param.value}</td>
            <td className="nbtrail-Faint">{originInWords(param, trans)}</td>
          </tr>
        )}
      </FilteredRows>
    </Section>
  );
}
