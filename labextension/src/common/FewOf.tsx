import React, { useState } from 'react';

import { useServices } from './context';

const MOST = 4;

interface IFewOfProps {
  items: React.ReactNode[];
  /** How many are worth showing at first; no more than four are. */
  few: number;
}

/** The first few of the items, and a button that shows the others. */
export function FewOf({ items, few }: IFewOfProps): React.JSX.Element | null {
  const { trans } = useServices();
  const [isOpen, setOpen] = useState(false);
  if (items.length === 0) {
    return null;
  }
  const shown = Math.min(few, MOST);
  return (
    <div className="nbtrail-Chips">
      {isOpen ? items : items.slice(0, shown)}
      {items.length > shown && (
        <button className="nbtrail-Link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? trans.__('fewer') : trans.__('+%1 more', items.length - shown)}
        </button>
      )}
    </div>
  );
}
