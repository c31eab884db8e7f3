import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useServices } from '../common/context';
import { type IAsked, OptionRow } from './OptionRow';
import { SWEEP_FIELDS, type SweepField } from './values';

/** What a sweep is to make best, and how it goes about it. */
export function SweepFields(): React.JSX.Element {
  const { trans } = useServices();
  const asked = askedFor(trans);
  return (
    <>
      {SWEEP_FIELDS.map(name => (
        <OptionRow key={name} name={name} asked={asked[name]} />
      ))}
    </>
  );
}

function askedFor(trans: TranslationBundle): Record<SweepField, IAsked> {
  return {
    metric: {
      label: trans.__('Metric'),
      help: trans.__('What the notebook logs; its last value counts.')
    },
    direction: {
      label: trans.__('Best is'),
      help: '',
      options: [
        ['', trans.__('Choose…')],
        ['min', trans.__('the lowest')],
        ['max', trans.__('the highest')]
      ]
    },
    trials: {
      label: trans.__('Trials'),
      help: trans.__('How many in all; a grid has all combinations.'),
      placeholder: '20',
      isNumber: true
    },
    parallel: {
      label: trans.__('At once'),
      help: trans.__('How many trials go on at the same time.'),
      placeholder: trans.__('as many as cores'),
      isNumber: true
    },
    sampler: {
      label: trans.__('Sampler'),
      help: trans.__('What chooses the next trial.'),
      options: [
        ['', trans.__('grid if it is small, else tpe')],
        ['tpe', 'tpe'],
        ['random', 'random'],
        ['grid', 'grid'],
        ['cmaes', 'cmaes']
      ]
    },
    pruner: {
      label: trans.__('Pruner'),
      help: trans.__('Ends trials whose metric falls behind, step by step.'),
      options: [
        ['', trans.__('none')],
        ['median', 'median'],
        ['hyperband', 'hyperband']
      ]
    },
    timeout: {
      label: trans.__('Timeout'),
      help: trans.__('No trial begins after this long: 90s, 30m, 2h.'),
      placeholder: trans.__('none')
    },
    seed: {
      label: trans.__('Seed'),
      help: trans.__('The same seed chooses the same trials.'),
      placeholder: trans.__('random'),
      isNumber: true
    }
  };
}
