import React from 'react';

import { useServices } from '../../common/context';
import { formatDuration } from '../../common/format';
import { useRunPage } from '../context';
import { durationOf, type IPart, type IStep } from './steps';
import { useStateWords } from './words';

/** The graph in words: a line for each execution of a step, with what it comes after. */
export function StepsTable({ steps }: { steps: readonly IStep[] }): React.JSX.Element {
  const { trans } = useServices();
  const words = useStateWords();
  const head = [trans.__('Step'), trans.__('Runs'), trans.__('After'), trans.__('State')];
  return (
    <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={trans.__('Steps')}>
      <table className="nbtrail-Facts" data-testid="nbtrail-steps">
        <thead>
          <tr>
            {[...head, trans.__('Duration'), trans.__('Run')].map(title => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map(step =>
            step.executions.length === 0 ? (
              <tr key={step.name} data-state="waiting">
                <th scope="row">{step.name}</th>
                <td>{step.run}</td>
                <td>{step.needs.join(', ') || '–'}</td>
                <td colSpan={3}>{words.waiting}</td>
              </tr>
            ) : (
              step.executions.map(part => <PartRow key={part.label} step={step} part={part} />)
            )
          )}
        </tbody>
      </table>
    </div>
  );
}

function PartRow({ step, part }: { step: IStep; part: IPart }): React.JSX.Element {
  const { trans } = useServices();
  const { open } = useRunPage();
  const words = useStateWords();
  const { label, state, run_id, error } = part;
  const duration = durationOf({ ...step, executions: [part] });
  return (
    <tr data-state={state}>
      <th scope="row">{label}</th>
      <td>{step.run}</td>
      <td>{step.needs.join(', ') || '–'}</td>
      <td>
        {words[state]}
        {error !== null && `: ${error}`}
      </td>
      <td>{duration === null ? '' : formatDuration(duration)}</td>
      <td>
        {run_id !== null && (
          <button
            className="nbtrail-Link"
            aria-label={trans.__('Open the run of %1', label)}
            onClick={() => open('run', { run_id })}
          >
            {trans.__('Open')}
          </button>
        )}
      </td>
    </tr>
  );
}
