import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useServices } from '../common/context';
import { useLaunch } from './context';
import { type IAsked, OptionRow } from './OptionRow';
import { WHERE_FIELDS, type WhereField } from './values';

/** In what it is executed, where, and for how long at most. */
export function WhereFields(): React.JSX.Element {
  const { trans } = useServices();
  const { draft, mistake } = useLaunch();
  const asked = askedFor(trans, draft.options.backend ?? '');
  const fields = WHERE_FIELDS[draft.mode];
  const isUsed = fields.some(
    name => draft.options[name] || (mistake && mistake.place.field === name)
  );
  return (
    <details className="nbtrail-Launch-where" open={isUsed || undefined}>
      <summary>{trans.__('Environment and place')}</summary>
      {fields.map(name => (
        <OptionRow key={name} name={name} asked={asked[name]} />
      ))}
    </details>
  );
}

/** For each back end, what it is most likely to be told. */
const EXAMPLES: Record<string, string> = {
  dask: 'scheduler=tcp://10.0.0.5:8786',
  jupyter: 'url=http://gpu1:8888',
  ray: 'address=10.0.0.5:6379, gpus=1',
  slurm: 'partition=gpu, gres=gpu:1, time=1:00:00',
  ssh: 'host=ada@gpu1'
};

function askedFor(trans: TranslationBundle, backend: string): Record<WhereField, IAsked> {
  return {
    env: {
      label: trans.__('Environment'),
      help: trans.__('In which packages it is executed; what is made is kept.'),
      options: [
        ['', trans.__('that of the server (default)')],
        ['uv', trans.__('uv: the packages that it asks for')],
        ['conda', trans.__('conda: of its conda.yaml')],
        ['docker', trans.__('docker: the container of its project')]
      ]
    },
    backend: {
      label: trans.__('Back end'),
      help: trans.__('Where it is executed; it must find the same files there.'),
      placeholder: trans.__('this machine'),
      isOpen: true,
      options: Object.keys(EXAMPLES).map(name => [name, name] as const)
    },
    backend_options: {
      label: trans.__('Options of the back end'),
      help: trans.__('name=value, separated by commas.'),
      placeholder: EXAMPLES[backend] ?? ''
    },
    limit: {
      label: trans.__('Time limit'),
      help: trans.__('Seconds that a cell, or a command, may take.'),
      placeholder: trans.__('none'),
      isNumber: true
    }
  };
}
