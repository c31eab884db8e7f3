import React from 'react';

import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { Markdown } from '../common/Markdown';
import { useRun, useRunPage } from '../context';
import { NOTE } from '../keys';
import { Metrics } from './Metrics';
import { Params } from './Params';
import { Relatives } from './Relatives';
import { Tags } from './Tags';
import { Verdict } from './Verdict';

/** The run at a glance. */
export function Overview(): React.JSX.Element {
  const { trans } = useServices();
  const { go } = useRunPage();
  const note = useRun().tags[NOTE];
  return (
    <div className="nbtrail-Columns">
      <div>
        <Metrics />
        <Params />
      </div>
      <div>
        {note && (
          <Section
            title={trans.__('Notes')}
            actions={
              <button className="nbtrail-Link" onClick={() => go('notes')}>
                {trans.__('Edit')}
              </button>
            }
          >
            <Markdown text={note} />
          </Section>
        )}
        <Verdict />
        <Tags />
        <Relatives />
      </div>
    </div>
  );
}
