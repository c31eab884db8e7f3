import React from 'react';

import type { INotebookForm } from '../api/jobs';
import { useServices } from '../common/context';
import { useLaunchPage } from './context';
import { OptionRow } from './OptionRow';

/** What of a project is run, and in which state of its repository. */
export function ProjectFields({ form }: { form: INotebookForm }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const names = form.entry_points.map(name => [name, name] as const);
  return (
    <>
      <OptionRow
        name="version"
        asked={{
          label: trans.__('Version'),
          help: trans.__('A commit, tag or branch of its repository.'),
          placeholder: trans.__('as it is')
        }}
        onCommit={() => model.reload()}
      />
      <OptionRow
        name="entry_point"
        asked={{
          label: trans.__('Entry point'),
          help: '',
          options: [['', trans.__('the first (default)')], ...names]
        }}
        onCommit={() => model.reload()}
      />
    </>
  );
}
