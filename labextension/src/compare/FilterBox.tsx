import React, { useRef, useState } from 'react';

import { useOwnId, useServices } from '../common/context';
import { useComparison } from './context';

/** In milliseconds after the last key. */
const PAUSE = 300;

/** Which runs of those that were chosen: a filter, how many it leaves, and what is wrong with it. */
export function FilterBox(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, table, mistake } = useComparison();
  const mistakeId = useOwnId();
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const onTyped = (filter: string) => {
    setTyped(filter);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      choose({ filter });
      setTyped(null);
    }, PAUSE);
  };
  const listed = table.runs.run_id.length;
  return (
    <div className="nbtrail-Compare-filter">
      <input
        type="search"
        className="jp-mod-styled"
        aria-label={trans.__('Filter of the runs')}
        aria-invalid={mistake !== null}
        aria-describedby={mistake === null ? undefined : mistakeId}
        placeholder={trans.__("Filter, such as metrics.accuracy > 0.9 and params.C = '1.0'")}
        spellCheck={false}
        value={typed ?? choice.filter}
        onChange={event => onTyped(event.target.value)}
      />
      <span className="nbtrail-Hint" data-testid="nbtrail-compare-count" role="status">
        {listed < table.total
          ? trans.__('%1 of %2 runs', listed.toLocaleString(), table.total.toLocaleString())
          : trans._n('%1 run', '%1 runs', table.total)}
      </span>
      {mistake !== null && (
        <p id={mistakeId} className="nbtrail-Mistake" role="alert">
          {mistake}
        </p>
      )}
    </div>
  );
}
