/** What is asked before a run is changed: JupyterLab's dialogs with a form of ours. */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

/** A field of a dialog's form. */
export interface IField {
  name: string;
  label: string;
  value?: string;
  /** Lines of text; one if left out. */
  rows?: number;
  /** What is offered while typing. */
  suggestions?: readonly string[];
}

type Values = Record<string, string>;

/** A form whose values a dialog returns. */
class FieldsBody extends ReactWidget implements Dialog.IBodyWidget<Values> {
  constructor(private readonly fields: readonly IField[]) {
    super();
    this.addClass('nbtrail-Fields');
  }

  getValue(): Values {
    const value = ({ name }: IField) =>
      this.node.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value ?? '';
    return Object.fromEntries(this.fields.map(field => [field.name, value(field)]));
  }

  protected override render(): React.JSX.Element {
    return (
      <>
        {this.fields.map(field => (
          <Field key={field.name} {...field} />
        ))}
      </>
    );
  }
}

function Field({ name, label, value, rows, suggestions }: IField): React.JSX.Element {
  const list = suggestions && `nbtrail-field-${name}`;
  return (
    <label>
      {label}
      {rows ? (
        <textarea className="jp-mod-styled" name={name} rows={rows} defaultValue={value} />
      ) : (
        <input className="jp-mod-styled" name={name} defaultValue={value} list={list} />
      )}
      {suggestions && (
        <datalist id={list}>
          {suggestions.map(text => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** Ask whether something may be done that takes something away. */
export async function confirm(
  title: string,
  body: string,
  accept: string,
  trans: TranslationBundle
): Promise<boolean> {
  const cancel = Dialog.cancelButton({ label: trans.__('Cancel') });
  const buttons = [cancel, Dialog.warnButton({ label: accept })];
  return (await showDialog({ title, body, buttons, defaultButton: 0 })).button.accept;
}

/** Ask for some texts; null if the dialog was dismissed. */
export async function ask(
  title: string,
  accept: string,
  fields: readonly IField[],
  trans: TranslationBundle
): Promise<Values | null> {
  const result = await showDialog({
    title,
    body: new FieldsBody(fields),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: accept })
    ],
    focusNodeSelector: `[name="${fields[0].name}"]`
  });
  return result.button.accept ? result.value : null;
}
