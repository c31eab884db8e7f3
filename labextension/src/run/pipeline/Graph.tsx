import React, { useMemo } from 'react';

import { useServices } from '../../common/context';
import { formatDuration } from '../../common/format';
import { useRunPage } from '../context';
import { graphOf, type IPlaced, NODE } from '../lineage/layout';
import { drawnOf, durationOf, type IPipelineNode, type IStep, partOf } from './steps';
import { useStateWords } from './words';

/** The steps from left to right; each leads to its run. */
export function Graph({ steps }: { steps: readonly IStep[] }): React.JSX.Element {
  const { trans } = useServices();
  const { nodes, edges, width, height } = useMemo(() => graphOf(drawnOf(steps)), [steps]);
  return (
    <div
      className="nbtrail-Scroll nbtrail-Lineage nbtrail-Pipeline"
      role="group"
      aria-label={trans.__('Steps of the pipeline')}
      data-testid="nbtrail-pipeline"
    >
      <div style={{ width, height }}>
        <svg width={width} height={height} aria-hidden>
          {edges.map(({ from, to, path }) => (
            <path key={`${from} ${to}`} d={path} />
          ))}
        </svg>
        {nodes.map(placed => (
          <StepNode key={placed.node.id} placed={placed} />
        ))}
      </div>
    </div>
  );
}

function StepNode({ placed }: { placed: IPlaced<IPipelineNode> }): React.JSX.Element {
  const { trans } = useServices();
  const { open } = useRunPage();
  const words = useStateWords();
  const { node, x, y } = placed;
  const { step, state } = node;
  const run_id = partOf(step)?.run_id ?? null;
  const duration = durationOf(step);
  const count = step.executions.length;
  const detail = [
    count > 1 ? trans.__('%1 × %2', count, words[state]) : words[state],
    duration === null ? '' : formatDuration(duration)
  ];
  return (
    <button
      className="nbtrail-Node"
      data-step={step.name}
      data-state={state}
      style={{ left: x, top: y, width: NODE.width, height: NODE.height }}
      title={[step.name, trans.__('runs %1', step.run), ...detail].filter(Boolean).join('\n')}
      aria-disabled={run_id === null}
      onClick={() => run_id !== null && open('run', { run_id })}
    >
      <span className="nbtrail-Node-label">{step.name}</span>
      <span className="nbtrail-Node-detail">{detail.filter(Boolean).join(' · ')}</span>
    </button>
  );
}
