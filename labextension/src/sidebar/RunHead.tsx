import { ellipsesIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { useServices } from '../common/context';
import { Swatch } from '../common/Swatch';
import { CommandIDs, type IRun } from '../tokens';
import { useTrail } from './context';
import { useRunMenu } from './useRunMenu';

const STAR_TAG = 'nbtrail.star';
const COLOR_TAG = 'nbtrail.color';

interface IRunHeadProps {
  run: IRun;
  isSelected: boolean;
  isCharted: boolean;
}

/** A run's box to tick, its name, which opens it, its star, and its menu. */
export function RunHead({ run, isSelected, isCharted }: IRunHeadProps): React.JSX.Element {
  const { commands, trans } = useServices();
  const model = useTrail();
  const openMenu = useRunMenu(run);
  const { run_id, run_name } = run.info;
  const isStarred = run.tags[STAR_TAG] === 'true';
  const name = run_name || run_id.slice(0, 8);
  return (
    <div className="nbtrail-Run-head">
      <input
        type="checkbox"
        aria-label={trans.__('Compare %1', name)}
        checked={isSelected}
        onChange={() => model.toggleRun(run_id)}
      />
      {(isCharted || run.tags[COLOR_TAG]) && <Swatch runId={run_id} />}
      <button
        className="nbtrail-Run-name"
        title={`${name}\n${run_id}`}
        onClick={() => void commands.execute(CommandIDs.openRun, { run_id })}
      >
        {name}
      </button>
      <button
        className="nbtrail-Icon nbtrail-Star"
        aria-pressed={isStarred}
        aria-label={trans.__('Star %1', name)}
        title={isStarred ? trans.__('Take the star away') : trans.__('Star')}
        onClick={() => void commands.execute(CommandIDs.starRun, { run_id })}
      >
        {isStarred ? '★' : '☆'}
      </button>
      <button
        className="nbtrail-Icon"
        aria-haspopup="menu"
        aria-label={trans.__('Actions for %1', name)}
        onClick={({ currentTarget }) => {
          const { left, bottom } = currentTarget.getBoundingClientRect();
          openMenu({ x: left, y: bottom });
        }}
      >
        <ellipsesIcon.react tag="span" width="14px" height="14px" />
      </button>
    </div>
  );
}
