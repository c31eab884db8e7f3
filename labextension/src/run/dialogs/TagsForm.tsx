import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { FormWidget } from './form';
import { changedTags, isOwnTag } from './values';

/** The tags that people set; its value is what has changed. */
export class TagsForm extends FormWidget<Record<string, string | null>> {
  constructor(
    private readonly tags: Readonly<Record<string, string>>,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  override getValue(): Record<string, string | null> {
    const rows = [...this.node.querySelectorAll('[data-row]')];
    const inputs = rows.map(row => [...row.querySelectorAll('input')].map(({ value }) => value));
    return changedTags(
      this.tags,
      inputs.map(([key, value]) => [key, value])
    );
  }

  protected override render(): React.JSX.Element {
    const own = Object.entries(this.tags).filter(([key]) => isOwnTag(key));
    return <TagRows tags={own} trans={this.trans} />;
  }
}

interface ITagRowsProps {
  tags: [string, string][];
  trans: TranslationBundle;
}

function TagRows({ tags, trans }: ITagRowsProps): React.JSX.Element {
  const [rows, setRows] = useState([...tags, ['', '']].map((tag, id) => ({ id, tag })));
  const add = () => setRows([...rows, { id: (rows.at(-1)?.id ?? 0) + 1, tag: ['', ''] }]);
  return (
    <>
      {rows.map(({ id, tag: [key, value] }) => (
        <div key={id} data-row className="nbtrail-Form-row">
          <input
            className="jp-mod-styled"
            aria-label={trans.__('Key')}
            placeholder={trans.__('key')}
            defaultValue={key}
          />
          <input
            className="jp-mod-styled"
            aria-label={trans.__('Value')}
            placeholder={trans.__('value')}
            defaultValue={value}
          />
          <button
            className="nbtrail-Link"
            aria-label={key ? trans.__('Remove %1', key) : trans.__('Remove this row')}
            onClick={() => setRows(rows.filter(row => row.id !== id))}
          >
            {trans.__('Remove')}
          </button>
        </div>
      ))}
      <button className="nbtrail-Link" onClick={add}>
        {trans.__('Add another')}
      </button>
    </>
  );
}
