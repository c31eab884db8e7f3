import React from 'react';

import { useComparison } from './context';

interface ITickProps {
  name: 'log_x' | 'log_y' | 'clipped' | 'differing' | 'transposed';
  children: React.ReactNode;
}

/** Something of the choice that is either so or not. */
export function Tick({ name, children }: ITickProps): React.JSX.Element {
  const { choice, choose } = useComparison();
  return (
    <label>
      <input
        type="checkbox"
        checked={choice[name]}
        onChange={event => choose({ [name]: event.target.checked })}
      />
      {children}
    </label>
  );
}
