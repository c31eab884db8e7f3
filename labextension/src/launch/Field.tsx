import React from 'react';

import type { INotebookParameter } from '../api/jobs';
import { useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { Row } from './Row';
import { shownDefault } from './values';

/** One parameter: its type, its default, and what it is for. */
export function Field({ parameter }: { parameter: INotebookParameter }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft, mistake } = useLaunch();
  const { name, type, help } = parameter;
  const choices = draft.mode === 'once' ? choicesOf(parameter) : null;
  const standard = shownDefault(parameter);
  const common = {
    value: draft.entries[name] ?? '', // Empty: the default.
    'data-param': name,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      model.write({ entries: { ...draft.entries, [name]: event.target.value } })
  };
  const label = (
    <>
      <code>{name}</code> {type && <span className="nbtrail-Hint">{type}</span>}
    </>
  );
  const own = mistake?.place.parameter === name ? mistake.message : null;
  return (
    <Row label={label} help={help} mistake={own}>
      {control =>
        choices ? (
          <select {...control} {...common} className="nbtrail-Choice">
            <option value="">{trans.__('%1 (default)', standard)}</option>
            {choices.map(choice => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        ) : (
          <input
            {...control}
            {...common}
            className="jp-mod-styled"
            spellCheck={false}
            placeholder={standard}
          />
        )
      }
    </Row>
  );
}

function choicesOf({ choices, type }: INotebookParameter): string[] | null {
  return choices?.map(String) ?? (type === 'bool' ? ['True', 'False'] : null);
}
