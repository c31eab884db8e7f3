import React, { useCallback } from 'react';

import type { IField } from '../api/models';
import type { IVersionDetails } from '../api/registry';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { useModelPage, useVersion } from './context';
import { VersionChoice } from './VersionChoice';

/** What a version takes and gives. */
export function Signature(): React.JSX.Element {
  const { registry, name } = useModelPage();
  const version = useVersion()?.version ?? '';
  const load = useCallback(() => registry.version(name, version), [registry, name, version]);
  return (
    <>
      <VersionChoice />
      {version && <Asked load={load}>{details => <Fields details={details} />}</Asked>}
    </>
  );
}

function Fields({ details }: { details: IVersionDetails }): React.JSX.Element {
  const { trans } = useServices();
  const { signature, trouble, flavors, size } = details;
  if (signature === null) {
    const none = trans.__('It has no signature: log the model with an input example.');
    return <p className="nbtrail-Note">{trouble ?? none}</p>;
  }
  const megabytes = size === null ? '' : trans.__('%1 MB', (size / 1e6).toPrecision(3));
  const { inputs, outputs, params } = signature;
  return (
    <>
      <p className="nbtrail-Hint">{[...flavors, megabytes].filter(Boolean).join(' · ')}</p>
      <div className="nbtrail-Columns">
        <FieldTable title={trans.__('Inputs')} fields={inputs} />
        <FieldTable title={trans.__('Outputs')} fields={outputs} />
      </div>
      {params && params.length > 0 && <FieldTable title={trans.__('Params')} fields={params} />}
    </>
  );
}

function FieldTable({ title, fields }: { title: string; fields: IField[] | null }) {
  const { trans } = useServices();
  const heads = [trans.__('Name'), trans.__('Type'), trans.__('Required'), trans.__('Default')];
  return (
    <Section title={title}>
      {fields === null ? (
        <p className="nbtrail-Note">{trans.__('Not told.')}</p>
      ) : (
        <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={title}>
          <table className="nbtrail-Facts">
            <thead>
              <tr>
                {heads.map(head => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {fields.map(({ name, type, shape, required, default: standard }, i) => (
                <tr key={i}>
                  <th scope="row">{name ?? '—'}</th>
                  <td>{shape ? `${type} (${shape.join(', ')})` : type}</td>
                  <td>{required ? trans.__('yes') : trans.__('no')}</td>
                  <td>{standard === null || standard === undefined ? '' : String(standard)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
