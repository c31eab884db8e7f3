import React from 'react';

import type { INotebookForm } from '../api/jobs';
import { useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { Field } from './Field';
import { launchOf, runCount } from './values';

/** The parameters of a notebook, and the button that runs it. */
export function LaunchForm({ form }: { form: INotebookForm }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft, mistake, isBusy } = useLaunch();
  const { path, entries, grid, experiment } = draft;
  const count = runCount(entries, grid);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    const launch = launchOf(path, form.parameters, entries, grid);
    void model.launch(experiment ? { ...launch, experiment } : launch);
  };
  return (
    <form className="nbtrail-Launch-form" onSubmit={submit} aria-label={path}>
      <h2>{path}</h2>
      <Introduction form={form} />
      {form.problem === null && (
        <>
          {form.parameters.map(parameter => (
            <Field
              key={parameter.name}
              parameter={parameter}
              text={entries[parameter.name] ?? ''}
              isGrid={grid}
              onText={text => model.write({ entries: { ...entries, [parameter.name]: text } })}
            />
          ))}
          <Options />
          {mistake !== null && (
            <p className="nbtrail-Launch-mistake" role="alert">
              {mistake}
            </p>
          )}
          <button className="jp-mod-styled jp-mod-accept" disabled={isBusy}>
            {trans._n('Run it in the background', 'Run all %1 in the background', count)}
          </button>
        </>
      )}
    </form>
  );
}

/** Where the parameters come from, or why there are none. */
function Introduction({ form }: { form: INotebookForm }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { problem, parameters, cell } = form;
  const words = () => {
    if (parameters.length === 0) {
      return trans.__('It has no parameters: give its first cell the tag “parameters”.');
    }
    return cell?.tagged
      ? trans.__('The notebook as it was saved, with the cell “parameters” overridden.')
      : trans.__('The notebook as it was saved; its first assignments can be overridden.');
  };
  return (
    <p className="nbtrail-Hint" role={problem === null ? undefined : 'alert'}>
      {problem ?? words()}{' '}
      <button type="button" className="nbtrail-Link" onClick={() => model.reload()}>
        {trans.__('Read it again')}
      </button>
    </p>
  );
}

function Options(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft } = useLaunch();
  return (
    <div className="nbtrail-Choices">
      <label>
        <input
          type="checkbox"
          checked={draft.grid}
          onChange={event => model.write({ grid: event.target.checked })}
        />
        {trans.__('Grid: several values, separated by commas')}
      </label>
      <label>
        {trans.__('Experiment')}
        <input
          className="jp-mod-styled"
          placeholder={trans.__('as in the notebook')}
          value={draft.experiment}
          onChange={event => model.write({ experiment: event.target.value })}
        />
      </label>
    </div>
  );
}
