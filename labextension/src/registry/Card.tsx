import React, { useCallback, useState } from 'react';

import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { Markdown } from '../common/Markdown';
import { useAct, useModelPage, useVersion } from './context';
import { VersionChoice } from './VersionChoice';

/** The card of a version in Markdown: what it was made from, what it may be used for. */
export function Card(): React.JSX.Element {
  const { trans } = useServices();
  const version = useVersion();
  return (
    <>
      <VersionChoice />
      {version === null ? (
        <p className="nbtrail-Note">{trans.__('It has no version.')}</p>
      ) : (
        <>
          <Editor key={version.version} version={version.version} saved={version.description} />
          <Facts version={version.version} />
        </>
      )}
    </>
  );
}

/** What is known without anybody's help. */
function Facts({ version }: { version: string }): React.JSX.Element {
  const { registry, name, tools } = useModelPage();
  const load = useCallback(() => registry.facts(name, version), [registry, name, version]);
  return (
    <div data-testid="nbtrail-card-facts">
      <Asked load={load}>{text => <Markdown rendermime={tools.rendermime} text={text} />}</Asked>
    </div>
  );
}

function Editor({ version, saved }: { version: string; saved: string }): React.JSX.Element {
  const { trans } = useServices();
  const { registry, name, tools } = useModelPage();
  const act = useAct();
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? saved;
  const isChanged = text !== saved;
  const save = async () => {
    if (await act(() => registry.changeVersion(name, version, { description: text }))) {
      setDraft(null);
    }
  };
  return (
    <div className="nbtrail-Notes">
      <div>
        <textarea
          value={text}
          aria-label={trans.__('Notes on version %1 in Markdown', version)}
          placeholder={trans.__('What it was made from, how good it is, what not to use it for.')}
          onChange={event => setDraft(event.target.value)}
        />
        <div className="nbtrail-Actions">
          <button disabled={!isChanged} onClick={() => void save()}>
            {trans.__('Save')}
          </button>
          <button disabled={!isChanged} onClick={() => setDraft(null)}>
            {trans.__('Undo the Changes')}
          </button>
          <span className="nbtrail-Faint" role="status">
            {isChanged ? trans.__('Not saved') : text && trans.__('Saved')}
          </span>
        </div>
      </div>
      <section aria-label={trans.__('Preview')} data-testid="nbtrail-card">
        <Markdown rendermime={tools.rendermime} text={text} />
      </section>
    </div>
  );
}
