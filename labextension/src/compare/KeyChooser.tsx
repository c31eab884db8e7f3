import React, { useEffect, useRef, useState } from 'react';

import { useServices } from '../common/context';
import { parted } from './columns';

/** More are found by typing. */
const MOST_LISTED = 200;

interface IKeyChooserProps {
  title: string;
  /** What the search box is called. */
  label: string;
  /** Columns, as `metrics.KEY`. */
  all: readonly string[];
  chosen: readonly string[];
  onChoose(chosen: string[]): void;
  /** Back to what is chosen by itself; null where that is so. */
  onReset: (() => void) | null;
  /** What stands beside one that is chosen. */
  beside?(column: string): React.ReactNode;
}

/** A list to tick in, behind a button, with a box to search it. */
export function KeyChooser(props: IKeyChooserProps): React.JSX.Element {
  const { trans } = useServices();
  const { title, label, all, chosen, onReset } = props;
  const [text, setText] = useState('');
  const found = [...chosen, ...all.filter(column => !chosen.includes(column))].filter(column =>
    column.toLowerCase().includes(text.toLowerCase())
  );
  return (
    <details ref={useClosedFromOutside()} className="nbtrail-Chooser" onKeyDown={closeByEscape}>
      <summary className="nbtrail-Choice">{title}</summary>
      <div className="nbtrail-Chooser-list">
        <input
          type="search"
          className="jp-mod-styled"
          aria-label={label}
          placeholder={label}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        {onReset && (
          <button className="nbtrail-Link" onClick={onReset}>
            {trans.__('Choose for me')}
          </button>
        )}
        <ul>
          {found.slice(0, MOST_LISTED).map(column => (
            <Entry key={column} column={column} {...props} />
          ))}
        </ul>
        {found.length > MOST_LISTED && (
          <p className="nbtrail-Hint">
            {trans.__('%1 more: type a part of the name', found.length - MOST_LISTED)}
          </p>
        )}
      </div>
    </details>
  );
}

function Entry(props: IKeyChooserProps & { column: string }): React.JSX.Element {
  const { column, chosen, onChoose, beside } = props;
  const isChosen = chosen.includes(column);
  const toggle = () =>
    onChoose(isChosen ? chosen.filter(other => other !== column) : [...chosen, column]);
  const { kind, key } = parted(column);
  return (
    <li>
      <label title={column}>
        <input type="checkbox" checked={isChosen} onChange={toggle} />
        <span className="nbtrail-Key">{kind}</span> {key}
      </label>
      {isChosen && beside?.(column)}
    </li>
  );
}

/** A list lies over what is below it: a click there closes it. */
function useClosedFromOutside(): React.RefObject<HTMLDetailsElement> {
  const list = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = ({ target }: PointerEvent) => {
      if (list.current?.open && !list.current.contains(target as Node)) {
        list.current.open = false;
      }
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, []);
  return list;
}

function closeByEscape(event: React.KeyboardEvent<HTMLDetailsElement>): void {
  if (event.key === 'Escape') {
    event.currentTarget.open = false;
    event.currentTarget.querySelector('summary')?.focus();
  }
}
