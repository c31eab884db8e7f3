import React, { useEffect, useState } from 'react';

import { ApiError } from '../../api/client';
import { useServices } from '../../common/context';
import { Markdown } from '../common/Markdown';
import { useRun, useRunPage } from '../context';
import { NOTE } from '../keys';

/** What people say of the run, in Markdown: written on one side, seen on the other. */
export function Notes(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId, model } = useRunPage();
  const saved = useRun().tags[NOTE] ?? '';
  const [text, setText] = useText(saved);
  const [error, setError] = useState<string | null>(null);
  const isChanged = text !== saved;
  const save = async () => {
    setError(null);
    try {
      await api.run.change(runId, { note: text });
      model.run.invalidate();
    } catch (failure) {
      if (!(failure instanceof ApiError)) {
        throw failure;
      }
      setError(failure.message);
    }
  };
  return (
    <div className="nbtrail-Notes">
      <div>
        <textarea
          value={text}
          aria-label={trans.__('Notes in Markdown')}
          placeholder={trans.__('What was tried, what came of it, what to do next. In Markdown.')}
          onChange={event => setText(event.target.value)}
        />
        <div className="nbtrail-Actions">
          <button disabled={!isChanged} onClick={() => void save()}>
            {trans.__('Save')}
          </button>
          <button disabled={!isChanged} onClick={() => setText(saved)}>
            {trans.__('Undo the Changes')}
          </button>
          <span className="nbtrail-Faint" role="status">
            {isChanged ? trans.__('Not saved') : text && trans.__('Saved')}
          </span>
        </div>
        {error !== null && (
          <p className="nbtrail-RunHeader-error" role="alert">
            {error}
          </p>
        )}
      </div>
      <section aria-label={trans.__('Preview')} data-testid="nbtrail-note">
        <Markdown text={text} />
      </section>
    </div>
  );
}

/** What is being written; it outlives a look at another tab. */
function useText(saved: string): [string, (text: string) => void] {
  const { model } = useRunPage();
  const [text, setText] = useState(model.draft ?? saved);
  const [known, setKnown] = useState(saved);
  if (saved !== known) {
    // Somebody else has changed it: what is being written here is kept.
    setKnown(saved);
    if (text === known) {
      setText(saved);
    }
  }
  useEffect(() => model.keep(text === saved ? null : text), [model, text, saved]);
  return [text, setText];
}
