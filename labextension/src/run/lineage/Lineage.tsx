import React, { useCallback, useMemo, useState } from 'react';

import type { ILineage } from '../../api/trails';
import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { graphOf } from './layout';
import { LineageNode } from './LineageNode';
import { LineageTable } from './LineageTable';

/** What came of what: data, cells, metrics, models, versions, endpoints. */
export function Lineage(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const [isTable, setTable] = useState(false);
  const load = useCallback(() => api.trails.lineage(runId), [api, runId]);
  return (
    <Loaded load={load} follows="store">
      {lineage =>
        lineage.nodes.length === 0 ? (
          <p className="nbtrail-Note">
            {trans.__('No way leads from data or cells to a result of this run.')}
          </p>
        ) : (
          <>
            <p className="nbtrail-Sentence">
              {trans.__('From data on the left to results on the right.')}
              {lineage.truncated && ` ${trans.__('Only the first 500 are drawn.')}`}
              <button
                className="nbtrail-Link"
                aria-pressed={isTable}
                onClick={() => setTable(!isTable)}
              >
                {isTable ? trans.__('Show as graph') : trans.__('Show as table')}
              </button>
            </p>
            {isTable ? <LineageTable lineage={lineage} /> : <Graph lineage={lineage} />}
          </>
        )
      }
    </Loaded>
  );
}

function Graph({ lineage }: { lineage: ILineage }): React.JSX.Element {
  const { trans } = useServices();
  const [looked, setLooked] = useState<string | null>(null);
  const { nodes, edges, width, height } = useMemo(() => graphOf(lineage), [lineage]);
  const isNear = (from: string, to: string) => looked === from || looked === to;
  return (
    <div
      className="nbtrail-Scroll nbtrail-Lineage"
      role="group"
      aria-label={trans.__('Lineage')}
      data-testid="nbtrail-lineage"
    >
      <div style={{ width, height }}>
        <svg width={width} height={height} aria-hidden>
          {edges.map(({ from, to, path }) => (
            <path key={`${from} ${to}`} d={path} data-near={isNear(from, to)} />
          ))}
        </svg>
        {nodes.map(placed => (
          <LineageNode key={placed.node.id} placed={placed} onLook={setLooked} />
        ))}
      </div>
    </div>
  );
}
