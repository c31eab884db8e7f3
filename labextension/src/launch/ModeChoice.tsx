import React from 'react';

import { useOwnId, useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { isProject, type Mode, MODES } from './values';

/** Whether the notebook is run once, over a grid, as a search, or again and again. */
export function ModeChoice(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft } = useLaunch();
  const { mode } = draft;
  const name = useOwnId();
  const titles: Record<Mode, string> = {
    once: trans.__('Once'),
    grid: trans.__('Grid: several values, separated by commas'),
    sweep: trans.__('Sweep: a search for the best values'),
    schedule: trans.__('Schedule: again and again')
  };
  return (
    <>
      <div className="nbtrail-Choices" role="radiogroup" aria-label={trans.__('How it is run')}>
        {MODES.filter(one => one !== 'grid' || !isProject(draft)).map(one => (
          <label key={one}>
            <input
              type="radio"
              name={name}
              checked={mode === one}
              onChange={() => model.write({ mode: one })}
            />
            {titles[one]}
          </label>
        ))}
      </div>
      {mode === 'schedule' && (
        <p className="nbtrail-Hint">
          {trans.__(
            'It is run while this server is up; what was missed is told, and not made up for.'
          )}
        </p>
      )}
      {mode === 'sweep' && (
        <p className="nbtrail-Hint">
          {trans.__(
            'Each parameter has a range (log:1e-4..1e-1, int:1..10, 0..1:0.25), choices (2,4,8), or one value for all trials.'
          )}
        </p>
      )}
    </>
  );
}
