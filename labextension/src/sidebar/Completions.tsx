import React from 'react';

import { useServices } from '../common/context';
import type { ISearchState } from './search';

interface ICompletionsProps {
  /** Prefix of the ids of the list and its options. */
  id: string;
  state: ISearchState;
  onTake(index: number): void;
}

/** What could stand at the cursor of the search box. */
export function Completions({ id, state, onTake }: ICompletionsProps): React.JSX.Element {
  const { trans } = useServices();
  return (
    <ul
      id={`${id}-list`}
      className="nbtrail-Completions"
      role="listbox"
      aria-label={trans.__('What could stand here')}
    >
      {state.matches.map(({ text, kind }, index) => (
        <li
          key={`${kind}:${text}`}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === state.active}
          ref={index === state.active ? intoView : undefined}
          onMouseDown={event => {
            event.preventDefault(); // The focus stays in the box.
            onTake(index);
          }}
        >
          <span>{text}</span> <small>{kind}</small>
        </li>
      ))}
    </ul>
  );
}

function intoView(node: HTMLElement | null): void {
  node?.scrollIntoView({ block: 'nearest' });
}
