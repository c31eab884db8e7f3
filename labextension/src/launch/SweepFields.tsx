import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useServices } from '../common/context';
import { type Option, Options } from '../compare/Select';
import { useLaunch, useLaunchPage } from './context';
import { Row } from './Row';
import { SWEEP_FIELDS, type SweepField } from './values';

interface IAsked {
  label: string;
  help: string;
  placeholder?: string;
  options?: readonly Option[];
  isNumber?: boolean;
}

/** What a sweep is to make best, and how it goes about it. */
export function SweepFields(): React.JSX.Element {
  const { trans } = useServices();
  const asked = askedFor(trans);
  return (
    <>
      {SWEEP_FIELDS.map(name => (
        <SweepEntry key={name} name={name} asked={asked[name]} />
      ))}
    </>
  );
}

function SweepEntry({ name, asked }: { name: SweepField; asked: IAsked }): React.JSX.Element {
  const { model } = useLaunchPage();
  const { draft, mistake } = useLaunch();
  const { label, help, placeholder, options, isNumber } = asked;
  const common = {
    value: draft.options[name] ?? '',
    'data-option': name,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      model.write({ options: { ...draft.options, [name]: event.target.value } })
  };
  return (
    <Row label={label} help={help} mistake={mistake?.place.field === name ? mistake.message : null}>
      {control =>
        options ? (
          <select {...control} {...common} className="nbtrail-Choice">
            <Options options={options} />
          </select>
        ) : (
          <input
            {...control}
            {...common}
            className="jp-mod-styled"
            type={isNumber ? 'number' : 'text'}
            placeholder={placeholder}
            spellCheck={false}
          />
        )
      }
    </Row>
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
        ['', trans.__('tpe (default)')],
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
