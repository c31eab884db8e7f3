import React from 'react';

import type { IField } from '../../api/models';
import { isBoolean, isNumber } from './request';

interface IFormFieldProps {
  field: IField;
  value: string;
  set(name: string, text: string): void;
}

/** One column of the model's inputs. */
export function FormField({ field, value, set }: IFormFieldProps): React.JSX.Element {
  const name = field.name ?? '';
  const label = (
    <span>
      {name} <small>{field.type}</small>
    </span>
  );
  if (isBoolean(field)) {
    return (
      <label className="nbtrail-Try-check">
        <input
          type="checkbox"
          checked={value === 'true'}
          onChange={event => set(name, String(event.target.checked))}
        />
        {label}
      </label>
    );
  }
  return (
    <label>
      {label}
      <input
        className="jp-mod-styled"
        inputMode={isNumber(field) ? 'decimal' : 'text'}
        required={field.required}
        value={value}
        onChange={event => set(name, event.target.value)}
      />
    </label>
  );
}
