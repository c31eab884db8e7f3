import React, { useCallback } from 'react';

import type { ISection } from '../api/registry';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { Select } from '../compare/Select';
import { useModel, useModelPage, useVersion } from './context';

/** Two versions side by side: signature, params, metrics, data, cells, environment. */
export function Comparison(): React.JSX.Element {
  const { trans } = useServices();
  const { registry, name, place, go } = useModelPage();
  const { versions } = useModel();
  const left = useVersion()?.version ?? '';
  const others = versions.map(({ version }) => version).filter(version => version !== left);
  const right = others.find(version => version === place.other) ?? others.at(-1) ?? '';
  const load = useCallback(
    () => registry.compare(name, left, right),
    [registry, name, left, right]
  );
  if (right === '') {
    return <p className="nbtrail-Note">{trans.__('It has no two versions to compare.')}</p>;
  }
  const options = versions.map(({ version }) => [version, version] as const);
  const choose = (version: string) => go({ version, other: version === right ? left : right });
  return (
    <>
      <div className="nbtrail-Sentence">
        <Select label={trans.__('Left')} value={left} options={options} onChoose={choose} />
        <Select
          label={trans.__('Right')}
          value={right}
          options={options.filter(([version]) => version !== left)}
          onChoose={other => go({ other })}
        />
      </div>
      <Asked load={load}>
        {sections => (
          <>
            {sections.map(section => (
              <Part key={section.title} section={section} left={left} right={right} />
            ))}
          </>
        )}
      </Asked>
    </>
  );
}

interface IPartProps {
  section: ISection;
  left: string;
  right: string;
}

function Part({ section, left, right }: IPartProps): React.JSX.Element {
  const { trans } = useServices();
  const { title, note, rows } = section;
  const words = {
    same: '',
    changed: trans.__('changed'),
    added: trans.__('added'),
    removed: trans.__('removed')
  };
  return (
    <Section title={title} testId="nbtrail-version-part">
      {note !== null && <p className="nbtrail-Hint">{note}</p>}
      {rows.length > 0 && (
        <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={title}>
          <table className="nbtrail-Facts nbtrail-VersionDiff">
            <thead>
              <tr>
                <th scope="col">{trans.__('What')}</th>
                <th scope="col">{trans.__('Version %1', left)}</th>
                <th scope="col">{trans.__('Version %1', right)}</th>
                <th scope="col">{trans.__('Change')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <tr key={i} data-change={row.change}>
                  <th scope="row">{row.key}</th>
                  <td className="nbtrail-Value">{row.left}</td>
                  <td className="nbtrail-Value">{row.right}</td>
                  <td>{words[row.change]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
