import React from 'react';

import type { INotebookParameter } from '../api/jobs';
import { useOwnId, useServices } from '../common/context';
import { shownDefault } from './values';

interface IFieldProps {
  parameter: INotebookParameter;
  /** Empty: the default. */
  text: string;
  isGrid: boolean;
  onText(text: string): void;
}

/** One parameter: its type, its default, and what it is for. */
export function Field({ parameter, text, isGrid, onText }: IFieldProps): React.JSX.Element {
  const { trans } = useServices();
  const id = useOwnId();
  const { name, type, help } = parameter;
  const choices = choicesOf(parameter);
  const standard = shownDefault(parameter);
  const common = { id, value: text, 'aria-describedby': `${id}-help`, 'data-param': name };
  return (
    <div className="nbtrail-Launch-field">
      <label htmlFor={id}>
        <code>{name}</code> {type && <span className="nbtrail-Hint">{type}</span>}
      </label>
      {choices && !isGrid ? (
        <select {...common} className="nbtrail-Choice" onChange={on => onText(on.target.value)}>
          <option value="">{trans.__('%1 (default)', standard)}</option>
          {choices.map(choice => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          className="jp-mod-styled"
          spellCheck={false}
          placeholder={standard}
          onChange={event => onText(event.target.value)}
        />
      )}
      <span id={`${id}-help`} className="nbtrail-Hint">
        {help}
      </span>
    </div>
  );
}

function choicesOf({ choices, type }: INotebookParameter): string[] | null {
  return choices?.map(String) ?? (type === 'bool' ? ['True', 'False'] : null);
}
