import React from 'react';

import { useServices } from '../common/context';
import { relativeTime } from '../common/format';
import { ask } from '../sidebar/dialogs';
import { useAct, useModel, useModelPage } from './context';
import { useManaging } from './managing';

/** What the model is called and for, its tags, and what can be changed of that. */
export function Header(): React.JSX.Element {
  const { trans } = useServices();
  const { name, description, versions, creation_timestamp } = useModel();
  const edit = useEdit();
  const { rename, remove } = useManaging();
  return (
    <div className="nbtrail-RunHeader" data-testid="nbtrail-model-header">
      <div className="nbtrail-RunHeader-title">
        <h1 title={name}>{name}</h1>
      </div>
      <div className="nbtrail-Run-facts">
        <span>{trans._n('%1 version', '%1 versions', versions.length)}</span>
        <span>{trans.__('registered %1', relativeTime(creation_timestamp))}</span>
      </div>
      {description !== '' && <p className="nbtrail-Model-description">{description}</p>}
      <Tags />
      <div className="nbtrail-Actions">
        <button onClick={() => void edit.describe()}>{trans.__('Description…')}</button>
        <button onClick={() => void edit.tag()}>{trans.__('Set a Tag…')}</button>
        <button onClick={() => void rename()}>{trans.__('Rename…')}</button>
        <button onClick={() => void remove()}>{trans.__('Delete…')}</button>
      </div>
    </div>
  );
}

function Tags(): React.JSX.Element | null {
  const { trans } = useServices();
  const { registry, name } = useModelPage();
  const act = useAct();
  const tags = Object.entries(useModel().tags);
  if (tags.length === 0) {
    return null;
  }
  return (
    <div className="nbtrail-Chips">
      {tags.map(([key, value]) => (
        <span key={key} className="nbtrail-Param" title={`${key}: ${value}`}>
          {key} {value}{' '}
          <button
            className="nbtrail-Link"
            aria-label={trans.__('Remove the tag %1', key)}
            onClick={() => void act(() => registry.change(name, { tags: { [key]: null } }))}
          >
            ×
          </button>
        </span>
      ))}
    </div>
  );
}

function useEdit(): { describe(): Promise<void>; tag(): Promise<void> } {
  const { trans } = useServices();
  const { registry, name } = useModelPage();
  const { description } = useModel();
  const act = useAct();
  return {
    describe: async () => {
      const label = trans.__('What the model is for');
      const fields = [{ name: 'description', label, value: description, rows: 6 }];
      const found = await ask(trans.__('Describe %1', name), trans.__('Save'), fields, trans);
      if (found) {
        await act(() => registry.change(name, { description: found.description }));
      }
    },
    tag: async () => {
      const fields = [
        { name: 'key', label: trans.__('Tag') },
        { name: 'value', label: trans.__('Value') }
      ];
      const found = await ask(trans.__('Tag of %1', name), trans.__('Set'), fields, trans);
      if (found?.key.trim()) {
        await act(() => registry.change(name, { tags: { [found.key.trim()]: found.value } }));
      }
    }
  };
}
