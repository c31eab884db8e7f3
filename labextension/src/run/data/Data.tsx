import React from 'react';

import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { useRun } from '../context';
import { Dataset } from './Dataset';
import { Models } from './Models';

/** The data that the run used, and the models that it made. */
export function Data(): React.JSX.Element {
  const { trans } = useServices();
  const { datasets } = useRun();
  return (
    <div className="nbtrail-Columns">
      <Section title={trans.__('Data')} testId="nbtrail-run-data">
        {datasets.length === 0 && (
          <p className="nbtrail-Note">{trans.__('No data set was recorded.')}</p>
        )}
        {datasets.map(input => (
          <Dataset key={`${input.dataset.name} ${input.dataset.digest}`} input={input} />
        ))}
      </Section>
      <Models />
    </div>
  );
}
