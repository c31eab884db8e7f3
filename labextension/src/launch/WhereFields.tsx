import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useCallback } from 'react';

import type { IBackend } from '../api/jobs';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { type IAsked, OptionRow } from './OptionRow';
import { optionOf, WHERE_FIELDS, type WhereField } from './values';

/** In what it is executed, where, and for how long at most. */
export function WhereFields(): React.JSX.Element {
  const { trans } = useServices();
  const { draft, mistake } = useLaunch();
  const fields: readonly WhereField[] = WHERE_FIELDS[draft.mode];
  const asked = askedFor(trans);
  const isUsed = fields.some(
    name => draft.options[name] || (mistake && mistake.place.field === name)
  );
  return (
    <details className="nbtrail-Launch-where" open={isUsed || undefined}>
      <summary>{trans.__('Environment and place')}</summary>
      {fields.map(name =>
        name === 'backend' ? (
          <BackendFields key={name} />
        ) : (
          <OptionRow key={name} name={name} asked={asked[name]} />
        )
      )}
    </details>
  );
}

/** The choice of a back end, and the options of the chosen one. */
function BackendFields(): React.JSX.Element {
  const { trans } = useServices();
  const { api } = useLaunchPage();
  const { draft } = useLaunch();
  const load = useCallback(() => api.backends(), [api]);
  return (
    <Asked load={load}>
      {backends => (
        <>
          <OptionRow name="backend" asked={choiceOf(trans, backends, draft.options.backend)} />
          {backends
            .filter(({ name }) => name === draft.options.backend)
            .flatMap(backend => backend.options.map(option => ({ backend, option })))
            .map(({ backend, option: { name, help, default: usual } }) => (
              <OptionRow
                key={optionOf(backend.name, name)}
                name={optionOf(backend.name, name)}
                asked={{ label: name, help, placeholder: usual ?? '' }}
              />
            ))}
        </>
      )}
    </Asked>
  );
}

function choiceOf(
  trans: TranslationBundle,
  backends: readonly IBackend[],
  chosen: string | undefined
): IAsked {
  const others = backends.filter(({ name }) => name !== 'local');
  const known = backends.find(({ name }) => name === chosen);
  return {
    label: trans.__('Back end'),
    help: known?.problem || known?.help || trans.__('Where it is executed.'),
    options: [
      ['', trans.__('local: this machine (default)')],
      ...others.map(({ name }) => [name, name] as const)
    ]
  };
}

function askedFor(trans: TranslationBundle): Record<Exclude<WhereField, 'backend'>, IAsked> {
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
    limit: {
      label: trans.__('Time limit'),
      help: trans.__('Seconds that a cell, or a command, may take.'),
      placeholder: trans.__('none'),
      isNumber: true
    }
  };
}
