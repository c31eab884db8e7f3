import React, { useEffect, useRef } from 'react';

import type { CellStatus, IExecution } from '../../api/trails';
import { formatDuration } from '../../common/format';
import { useServices } from '../../common/context';
import { CommandIDs } from '../../tokens';
import { Source } from '../common/Source';
import { useSeen } from '../../common/sight';
import { useRun } from '../context';
import { CellOutputs } from './CellOutputs';
import { Given } from './Given';

interface ICellProps {
  execution: IExecution;
  isWanted: boolean;
}

/** One cell as it ran: its source, what it put out, and what it gave to the run. */
export function Cell({ execution, isWanted }: ICellProps): React.JSX.Element {
  const node = useRef<HTMLLIElement>(null);
  const wasSeen = useSeen(node);
  const { id, source, status, output_count, findings, error } = execution;
  useEffect(() => {
    if (isWanted) {
      node.current?.scrollIntoView({ block: 'start' });
      node.current?.focus();
    }
  }, [isWanted]);
  return (
    <li ref={node} className="nbtrail-Cell" data-execution={id} data-status={status} tabIndex={-1}>
      <CellHead execution={execution} />
      {findings.length > 0 && (
        <ul className="nbtrail-Findings">
          {findings.map(({ kind, text }, i) => (
            <li key={i} data-kind={kind}>
              {text}
            </li>
          ))}
        </ul>
      )}
      {wasSeen ? <Source source={source} /> : <pre className="nbtrail-Source">{source}</pre>}
      {output_count > 0 && wasSeen && (
        <CellOutputs key={`${status} ${output_count}`} execution={id} count={output_count} />
      )}
      {error !== null && output_count === 0 && <p className="nbtrail-Run-error">{error}</p>}
      <Given execution={execution} />
    </li>
  );
}

function CellHead({ execution }: { execution: IExecution }): React.JSX.Element {
  const { commands, trans } = useServices();
  const { notebook } = useRun().info;
  const { execution_count, status, duration, cell_id, role, opaque } = execution;
  const words: Record<CellStatus, string> = {
    ok: trans.__('done'),
    running: trans.__('running'),
    error: trans.__('failed'),
    interrupted: trans.__('interrupted'),
    killed: trans.__('killed')
  };
  const reveal = () => void commands.execute(CommandIDs.revealCell, { notebook, cellId: cell_id });
  return (
    <div className="nbtrail-Cell-head">
      <code>[{execution_count ?? '·'}]</code>
      <span data-status={status}>{words[status]}</span>
      {duration !== null && <span>{formatDuration(Math.round(duration * 1000))}</span>}
      {role === 'prelude' && <span>{trans.__('before the run')}</span>}
      {opaque !== null && <span title={opaque}>{trans.__('not analysed')}</span>}
      {notebook !== null && cell_id !== null && (
        <button className="nbtrail-Link" onClick={reveal}>
          {trans.__('Go to the cell')}
        </button>
      )}
    </div>
  );
}
