import React from 'react';

import { useServices } from '../../common/context';
import { isGoingOn } from '../model';
import { useRun } from '../context';
import type { ISweepTags } from './trials';

const PREFIX = 'importance/';

/** How much each parameter matters for good values, as the sweep has recorded it. */
export function Importance({ sweep }: { sweep: ISweepTags }): React.JSX.Element {
  const { trans } = useServices();
  const run = useRun();
  const known = run.metrics
    .filter(({ key }) => key.startsWith(PREFIX))
    .map(({ key, value }) => ({ name: key.slice(PREFIX.length), part: Number(value) }))
    .sort((a, b) => b.part - a.part);
  if (known.length === 0) {
    const why = sweep.importance?.split(': ')[1] ?? trans.__('the sweep was broken off');
    const words = isGoingOn(run)
      ? trans.__('It is told as soon as 10 trials have finished.')
      : trans.__('Not known: %1.', why);
    return <p className="nbtrail-Note">{words}</p>;
  }
  return (
    <>
      <table className="nbtrail-Table nbtrail-Importance">
        <thead>
          <tr>
            <th scope="col">{trans.__('Param')}</th>
            <th scope="col">{trans.__('Importance')}</th>
          </tr>
        </thead>
        <tbody>
          {known.map(({ name, part }) => (
            <tr key={name} data-key={name}>
              <th scope="row">{name}</th>
              <td>
                <meter value={part} aria-label={trans.__('Importance of %1', name)} />{' '}
                <span className="nbtrail-Importance-value">{part.toFixed(2)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="nbtrail-Hint">{trans.__('By PED-ANOVA, %1.', sweep.importance ?? '')}</p>
    </>
  );
}
