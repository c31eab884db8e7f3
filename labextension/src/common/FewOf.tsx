import React, { useState } from 'react';

import { useServices } from './context';

const MOST = 4;

interface IFewOfProps<T> {
  items: readonly T[];
  /** How many are worth showing at first; no more than four are. */
  few: number;
  show: (item: T) => React.ReactNode;
}

/** The first few of the items, and a button that shows the others. */
export function FewOf<T>({ items, few, show }: IFewOfProps<T>): React.JSX.Element | null {
  const { trans } = useServices();
  const [isOpen, setOpen] = useState(false);
  if (items.length === 0) {
    return null;
  }
  const shown = Math.min(few, MOST);
  return (
    <div className="nbtrail-Chips">
      {(isOpen ? items : items.slice(0, shown)).map(show)}
      {items.length > shown && (
        <button className="nbtrail-Link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? trans.__('fewer') : trans.__('+%1 more', items.length - shown)}
        </button>
      )}
    </div>
  );
}
