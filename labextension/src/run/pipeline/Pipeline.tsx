import React, { useCallback } from 'react';

import type { ApiError } from '../../api/client';
import type { IRelative } from '../../api/run';
import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { Graph } from './Graph';
import { FILE, type IStep, stepsIn } from './steps';
import { StepsTable } from './StepsTable';

/** The tab of a pipeline: its steps as a graph, and the same in words. */
export function Pipeline(): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(async () => {
    const [text, { children }] = await Promise.all([
      api.artifacts.blob(runId, FILE, 'application/json').then(file => file.text(), unlessMissing),
      api.run.relatives(runId)
    ]);
    return withRuns(stepsIn(text), children);
  }, [api, runId]);
  return (
    <Loaded load={load} follows="store">
      {steps =>
        steps.length === 0 ? (
          <p className="nbtrail-Note">
            {trans.__('The steps appear here when the first one starts.')}
          </p>
        ) : (
          <>
            <p className="nbtrail-Sentence">
              {trans.__('Each step begins when those that lead to it have finished.')}
            </p>
            <Graph steps={steps} />
            <StepsTable steps={steps} />
          </>
        )
      }
    </Loaded>
  );
}

/** The file is there when the first step starts. */
function unlessMissing(error: ApiError): string {
  if (error.status !== 404) {
    throw error;
  }
  return '';
}

/** Steps whose running executions, too, have their runs: those have the same name. */
function withRuns(steps: readonly IStep[], runs: readonly IRelative[]): IStep[] {
  const running = runs.filter(({ status }) => status === 'RUNNING');
  const runOf = (label: string) => running.find(({ name }) => name === label)?.run_id ?? null;
  return steps.map(step => ({
    ...step,
    executions: step.executions.map(one => ({ ...one, run_id: one.run_id ?? runOf(one.label) }))
  }));
}
