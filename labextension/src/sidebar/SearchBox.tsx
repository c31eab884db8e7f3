import React, { useCallback, useRef, useSyncExternalStore } from 'react';

import { useOwnId, useServices } from '../common/context';
import { Completions } from './Completions';
import type { ISearchState, SearchModel } from './search';

type BoxEvent = React.SyntheticEvent<HTMLInputElement>;

/** Filters the runs by the grammar, with what could stand at the cursor below it. */
export function SearchBox({ search }: { search: SearchModel }): React.JSX.Element {
  const { trans } = useServices();
  const state = useSearch(search);
  const input = useRef<HTMLInputElement>(null);
  const id = useOwnId();
  const type = ({ currentTarget: { value, selectionStart } }: BoxEvent) =>
    void search.type(value, selectionStart ?? value.length);
  const take = (index: number) => void choose(search, index, input.current);
  const isOpen = state.matches.length > 0;
  return (
    <div className="nbtrail-Search" role="search">
      <input
        ref={input}
        className="nbtrail-Search-input"
        type="text"
        role="combobox"
        spellCheck={false}
        autoComplete="off"
        placeholder={trans.__('Filter: metrics.acc > 0.9')}
        aria-label={trans.__('Filter the runs')}
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={state.active >= 0 ? `${id}-${state.active}` : undefined}
        aria-invalid={state.error !== null}
        aria-describedby={`${id}-error`}
        value={state.text}
        onChange={type}
        onFocus={type}
        onBlur={() => search.close()}
        onKeyDown={event => {
          if (onKey(event.key, state, search, take)) {
            event.preventDefault();
            event.stopPropagation();
          }
        }}
      />
      {state.text !== '' && (
        <button
          className="nbtrail-Search-clear"
          aria-label={trans.__('Clear the filter')}
          onClick={() => search.clear()}
        >
          ×
        </button>
      )}
      {isOpen && <Completions id={id} state={state} onTake={take} />}
      <p id={`${id}-error`} className="nbtrail-Search-error" role="status">
        {state.error}
      </p>
    </div>
  );
}

function useSearch(search: SearchModel): ISearchState {
  const subscribe = useCallback(
    (listener: () => void) => {
      search.changed.connect(listener);
      return () => void search.changed.disconnect(listener);
    },
    [search]
  );
  return useSyncExternalStore(subscribe, () => search.state);
}

async function choose(search: SearchModel, index: number, input: HTMLInputElement | null) {
  const match = search.state.matches[index];
  if (match) {
    const chosen = search.choose(match);
    requestAnimationFrame(() => {
      input?.focus();
      input?.setSelectionRange(search.state.cursor, search.state.cursor);
    });
    await chosen;
  }
}

/** Do what a key means here; returns whether it means anything. */
function onKey(
  key: string,
  { active, matches, text }: ISearchState,
  search: SearchModel,
  take: (index: number) => void
): boolean {
  const isOpen = matches.length > 0;
  switch (key) {
    case 'ArrowDown':
    case 'ArrowUp':
      search.move(key === 'ArrowDown' ? 1 : -1);
      return isOpen;
    case 'Enter':
      if (active >= 0) {
        take(active);
      } else {
        search.close();
      }
      return true;
    case 'Escape':
      if (isOpen) {
        search.close();
      } else if (text !== '') {
        search.clear();
      }
      return isOpen || text !== '';
    default:
      return false;
  }
}
