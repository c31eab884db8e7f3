import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IParameter } from '../../api/run';
import { FormWidget } from './form';
import { changedValues, writtenValue } from './values';

/** The parameters of what a run executed; only those that were changed are sent. */
export class ParametersForm extends FormWidget<Record<string, unknown>> {
  constructor(
    private readonly parameters: readonly IParameter[],
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  override getValue(): Record<string, unknown> {
    const written = new Map(this.fields().map(field => [field.name, field.value]));
    return changedValues(this.parameters, written);
  }

  protected override render(): React.JSX.Element {
    if (this.parameters.length === 0) {
      return <p>{this.trans.__('It has no parameters: the same is executed once more.')}</p>;
    }
    return (
      <>
        {this.parameters.map(parameter => (
          <label key={parameter.name} title={parameter.help ?? undefined}>
            <span>
              <code>{parameter.name}</code> {parameter.type}
            </span>
            <Field parameter={parameter} />
            {parameter.help && <small>{parameter.help}</small>}
          </label>
        ))}
      </>
    );
  }
}

function Field({ parameter }: { parameter: IParameter }): React.JSX.Element {
  const { name, choices } = parameter;
  const value = writtenValue(parameter);
  if (choices === null) {
    return <input name={name} className="jp-mod-styled" defaultValue={value} autoComplete="off" />;
  }
  return (
    <select name={name} className="jp-mod-styled" defaultValue={value}>
      {choices.map(choice => (
        <option key={String(choice)}>{String(choice)}</option>
      ))}
    </select>
  );
}
