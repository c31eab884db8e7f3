import { describe, expect, it } from 'vitest';

import { graphOf } from '../../src/run/lineage/layout';
import {
  drawnOf,
  durationOf,
  type IPart,
  type IStep,
  partOf,
  type PartState,
  stateOf,
  stepsIn
} from '../../src/run/pipeline/steps';

function aPart(state: PartState, started: number, ended: number | null): IPart {
  return { label: `step ${started}`, state, run_id: null, error: null, started, ended };
}

function aStep(name: string, needs: string[], ...executions: IPart[]): IStep {
  return { name, run: name, needs, executions };
}

const DIAMOND = [
  aStep('prepare', [], aPart('reused', 1, 1)),
  aStep('left', ['prepare'], aPart('finished', 1, 3.5), aPart('finished', 2, 4)),
  aStep('right', ['prepare'], aPart('finished', 1, 2), aPart('failed', 2, 3)),
  aStep('join', ['left', 'right'])
];

describe('the steps of a pipeline', () => {
  it('are read from its file, and are none where that is something else', () => {
    expect(stepsIn(JSON.stringify({ steps: DIAMOND }))).toEqual(DIAMOND);
    expect([stepsIn(''), stepsIn('[1'), stepsIn('{}')]).toEqual([[], [], []]);
  });

  it('stand as what matters most of their executions', () => {
    expect(DIAMOND.map(stateOf)).toEqual(['reused', 'finished', 'failed', 'waiting']);
    expect(partOf(DIAMOND[2])?.label).toBe('step 2');
    expect(partOf(DIAMOND[3])).toBeNull();
  });

  it('take from their first beginning to their last end', () => {
    expect(DIAMOND.map(durationOf)).toEqual([null, 3000, 2000, null]);
    expect(durationOf(aStep('slow', [], aPart('running', 1, null)))).toBeNull();
  });

  it('stand to the right of what they need', () => {
    const { nodes, edges } = graphOf(drawnOf(DIAMOND));
    const at = Object.fromEntries(nodes.map(({ node, x }) => [node.id, x]));
    expect(at.left).toBe(at.right);
    expect(at.prepare < at.left && at.left < at.join).toBe(true);
    expect(edges.map(({ from, to }) => `${from} ${to}`)).toContain('right join');
  });
});
