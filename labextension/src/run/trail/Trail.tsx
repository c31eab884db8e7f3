import React, { useCallback, useState } from 'react';

import type { ITrail } from '../../api/trails';
import { useServices } from '../../common/context';
import { Badge } from '../../common/Badge';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { Cell } from './Cell';

/** So many cells are drawn at first, and so many more each time that is asked for. */
const PAGE = 100;

/** The cells that ran, in order. */
export function Trail(): React.JSX.Element {
  const { api, runId } = useRunPage();
  const load = useCallback(() => api.trails.trail(runId), [api, runId]);
  return <Loaded load={load}>{trail => <Cells trail={trail} />}</Loaded>;
}

function Cells({ trail: { executions, verdict } }: { trail: ITrail }): React.JSX.Element {
  const { trans } = useServices();
  const { place } = useRunPage();
  const [showsPrelude, setShowsPrelude] = useState(false);
  const own = executions.filter(({ role }) => role === 'own');
  const prelude = executions.length - own.length;
  const wanted = executions.findIndex(({ id }) => String(id) === place.item);
  const isInPrelude = wanted >= 0 && executions[wanted].role === 'prelude';
  const all = showsPrelude || isInPrelude ? executions : own;
  const [asked, setAsked] = useState(PAGE);
  const count = Math.max(asked, wanted + 1);
  if (executions.length === 0) {
    return (
      <p className="nbtrail-Note">
        {trans.__('No cell was recorded: this run was logged outside of a notebook.')}
      </p>
    );
  }
  return (
    <div className="nbtrail-Trail" data-testid="nbtrail-trail">
      <p className="nbtrail-Sentence">
        {trans._n('%1 cell', '%1 cells', own.length)} <Badge kind="verdict" word={verdict} />
        {prelude > 0 && !isInPrelude && (
          <button
            className="nbtrail-Link"
            aria-expanded={showsPrelude}
            onClick={() => setShowsPrelude(!showsPrelude)}
          >
            {showsPrelude
              ? trans.__('Hide the cells from before the run')
              : trans._n('Show the cell from before the run', 'Show %1 cells from before', prelude)}
          </button>
        )}
      </p>
      <ol>
        {all.slice(0, count).map(execution => (
          <Cell
            key={execution.id}
            execution={execution}
            isWanted={String(execution.id) === place.item}
          />
        ))}
      </ol>
      {all.length > count && (
        <button className="nbtrail-Link" onClick={() => setAsked(count + PAGE)}>
          {trans.__('Show more of the %1 cells', all.length)}
        </button>
      )}
    </div>
  );
}
