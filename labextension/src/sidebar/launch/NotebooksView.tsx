import { notebookIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { IJob } from '../../api/jobs';
import { useLive, useServices } from '../../common/context';
import { ErrorState } from '../../common/ErrorState';
import { CommandIDs } from '../../tokens';
import type { NotebooksModel } from './model';

/** How many notebooks are listed before a filter is asked for. */
const MOST = 100;

/** What runs in the background, and the notebooks that can be launched. */
export function NotebooksView({ model }: { model: NotebooksModel }): React.JSX.Element {
  const { trans } = useServices();
  const { ready, error, jobs } = useLive(model);
  if (error !== null) {
    return <ErrorState message={error} retry={() => model.invalidate()} />;
  }
  if (!ready) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  return (
    <>
      {jobs.length > 0 && (
        <ul className="nbtrail-List" aria-label={trans.__('Running in the background')}>
          {jobs.map(job => (
            <Job key={job.job_id} job={job} model={model} />
          ))}
        </ul>
      )}
      <NotebookList model={model} />
    </>
  );
}

function Job({ job, model }: { job: IJob; model: NotebooksModel }): React.JSX.Element {
  const { trans } = useServices();
  const { name, kind, cells_done, cells_total, stopping } = job;
  const done = `${cells_done} / ${cells_total}`;
  return (
    <li className="nbtrail-Job" data-testid="nbtrail-job">
      <span className="nbtrail-Model-name">{name}</span>
      <progress
        aria-label={trans.__('Progress of %1', name)}
        value={cells_done}
        max={Math.max(cells_total, 1)}
      />
      <span className="nbtrail-Hint">{kind === 'sweep' ? trans.__('%1 trials', done) : done}</span>
      <button
        className="jp-mod-styled nbtrail-Small"
        aria-label={trans.__('Stop %1', name)}
        disabled={stopping}
        onClick={() => void model.stop(job)}
      >
        {stopping ? trans.__('Stopping…') : trans.__('Stop')}
      </button>
    </li>
  );
}

function NotebookList({ model }: { model: NotebooksModel }): React.JSX.Element {
  const { commands, trans } = useServices();
  const { notebooks, truncated } = useLive(model);
  const [text, setText] = useState('');
  const word = text.trim().toLowerCase();
  const found = notebooks.filter(({ path }) => path.toLowerCase().includes(word));
  const launch = (path: string) =>
    void commands.execute(CommandIDs.openPage, { kind: 'launch', state: { path } });
  return (
    <>
      <input
        className="nbtrail-Search-input"
        type="search"
        placeholder={trans.__('A notebook, project or git address')}
        aria-label={trans.__('A notebook, project or git address')}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      {found.length === 0 && <p className="nbtrail-Note">{trans.__('No such notebook.')}</p>}
      <ul className="nbtrail-List">
        {found.slice(0, MOST).map(({ path }) => (
          <li key={path}>
            <button className="nbtrail-File" title={path} onClick={() => launch(path)}>
              <notebookIcon.react tag="span" width="14px" height="14px" />
              <span>{path}</span>
            </button>
          </li>
        ))}
      </ul>
      {word !== '' && !word.endsWith('.ipynb') && (
        <button className="nbtrail-Link" onClick={() => launch(text.trim())}>
          {trans.__('Launch the project “%1”', text.trim())}
        </button>
      )}
      {(found.length > MOST || truncated) && (
        <p className="nbtrail-Hint">{trans.__('There are more: narrow the search.')}</p>
      )}
    </>
  );
}
