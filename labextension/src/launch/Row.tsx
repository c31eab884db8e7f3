import React from 'react';

import { useOwnId } from '../common/context';

/** What a control of the row is told. */
interface IControl {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

interface IRowProps {
  label: React.ReactNode;
  help: string | null;
  /** What the server said of it. */
  mistake: string | null;
  children(control: IControl): React.ReactNode;
}

/** A line of the form: what is asked for, the control, and what it is for or what is wrong. */
export function Row({ label, help, mistake, children }: IRowProps): React.JSX.Element {
  const id = useOwnId();
  const about = `${id}-help`;
  return (
    <div className="nbtrail-Launch-field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': mistake !== null })}
      <span id={about} className="nbtrail-Hint">
        {mistake === null ? (
          help
        ) : (
          <span className="nbtrail-Launch-mistake" role="alert">
            {mistake}
          </span>
        )}
      </span>
    </div>
  );
}
