import React from 'react';

import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { CommandIDs } from '../../tokens';
import { Facts } from '../common/Facts';
import { useRun, useRunPage } from '../context';
import { isOwnTag } from '../dialogs/values';
import { NOTE } from '../keys';

/** The tags that people set, and below them those of the tools. */
export function Tags(): React.JSX.Element {
  const { commands, trans } = useServices();
  const { runId } = useRunPage();
  const all = Object.entries(useRun().tags).filter(([key]) => key !== NOTE);
  const own = all.filter(([key]) => isOwnTag(key));
  const others = all.filter(([key]) => !isOwnTag(key));
  const edit = (
    <button
      className="nbtrail-Link"
      onClick={() => void commands.execute(CommandIDs.tagRun, { run_id: runId })}
    >
      {trans.__('Edit')}
    </button>
  );
  return (
    <Section title={trans.__('Tags')} actions={edit} testId="nbtrail-run-tags">
      {own.length === 0 && <p className="nbtrail-Note">{trans.__('No tags yet.')}</p>}
      {own.length > 0 && <Facts facts={own} />}
      {others.length > 0 && (
        <details>
          <summary>{trans._n('%1 tag of tools', '%1 tags of tools', others.length)}</summary>
          <Facts facts={others} />
        </details>
      )}
    </Section>
  );
}
