import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { useServices } from '../../common/context';
import { exactNumber, formatNumber } from '../../common/format';
import { FilteredRows } from '../common/FilteredRows';
import { useRunPage } from '../context';
import { inWords } from '../text';
import type { ISweepProps } from './Sweep';
import { type ITrial, ranked, shortParam, type TrialState } from './trials';

/** Every trial, in order or the best first; each leads to its run. */
export function TrialsTable({ sweep, trials }: ISweepProps): React.JSX.Element {
  const { trans } = useServices();
  const [isRanked, setRanked] = useState(false);
  const best = ranked(trials, sweep);
  const rest = trials.filter(trial => !best.includes(trial));
  const words = stateWords(trans);
  return (
    <>
      <button className="nbtrail-Link" aria-pressed={isRanked} onClick={() => setRanked(!isRanked)}>
        {trans.__('The best first')}
      </button>
      <FilteredRows
        items={isRanked ? [...best, ...rest] : trials}
        textOf={({ number, state, params }) => [number, words[state], ...params].join(' ')}
        head={[trans.__('Trial'), trans.__('State'), sweep.metric, ...sweep.names]}
        label={trans.__('Trials')}
      >
        {trial => <TrialRow key={trial.number} trial={trial} state={words[trial.state]} />}
      </FilteredRows>
    </>
  );
}

function TrialRow({ trial, state }: { trial: ITrial; state: string }): React.JSX.Element {
  const { trans } = useServices();
  const { open } = useRunPage();
  const { number, value, params, runId, name } = trial;
  return (
    <tr data-trial={number} data-state={trial.state}>
      <th scope="row">
        <button
          className="nbtrail-Link"
          title={name}
          aria-label={trans.__('Open trial %1', number)}
          onClick={() => open('run', { run_id: runId })}
        >
          {number}
        </button>
      </th>
      <td>{state}</td>
      <td className="nbtrail-Value" title={value === null ? '' : exactNumber(value)}>
        {value === null ? '' : formatNumber(value)}
      </td>
      {params.map((param, i) => (
        <td key={i} className="nbtrail-Value" title={inWords(param)}>
          {shortParam(param)}
        </td>
      ))}
    </tr>
  );
}

function stateWords(trans: TranslationBundle): Record<TrialState, string> {
  return {
    running: trans.__('Running'),
    finished: trans.__('Finished'),
    pruned: trans.__('Pruned'),
    failed: trans.__('Failed'),
    stopped: trans.__('Stopped')
  };
}
