import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { INotebookForm } from '../api/jobs';
import { useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { Field } from './Field';
import type { IDraft } from './model';
import { ModeChoice } from './ModeChoice';
import { ProjectFields } from './ProjectFields';
import { Row } from './Row';
import { ScheduleField } from './ScheduleField';
import { SweepFields } from './SweepFields';
import { isProject, runCount, SWEEP_FIELDS, WHERE_FIELDS } from './values';
import { WhereFields } from './WhereFields';

/** The parameters of a notebook, and the button that runs it. */
export function LaunchForm({ form }: { form: INotebookForm }): React.JSX.Element {
  const { model } = useLaunchPage();
  const { draft } = useLaunch();
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    void model.launch();
  };
  return (
    <form className="nbtrail-Launch-form" onSubmit={submit} aria-label={draft.path}>
      <h2>{draft.path}</h2>
      <Introduction form={form} />
      {isProject(draft) && <ProjectFields form={form} />}
      {form.problem === null && <Questions form={form} />}
    </form>
  );
}

function Questions({ form }: { form: INotebookForm }): React.JSX.Element {
  const { trans } = useServices();
  const { draft, isBusy } = useLaunch();
  return (
    <>
      <ModeChoice />
      {form.parameters.map(parameter => (
        <Field key={parameter.name} parameter={parameter} />
      ))}
      {draft.mode === 'sweep' && <SweepFields />}
      {draft.mode === 'schedule' && <ScheduleField />}
      <Experiment />
      {draft.mode !== 'grid' && <WhereFields />}
      <Mistake form={form} />
      <button className="jp-mod-styled jp-mod-accept" disabled={isBusy}>
        {buttonOf(draft, trans)}
      </button>
    </>
  );
}

function buttonOf(draft: IDraft, trans: TranslationBundle): string {
  switch (draft.mode) {
    case 'sweep':
      return trans.__('Start the sweep');
    case 'schedule':
      return trans.__('Schedule it');
    default:
      return trans._n('Run it in the background', 'Run all %1 in the background', runCount(draft));
  }
}

/** What the server refused, where no field shows it. */
function Mistake({ form }: { form: INotebookForm }): React.JSX.Element | null {
  const { draft, mistake } = useLaunch();
  const { parameter, field } = mistake?.place ?? {};
  const isShown =
    form.parameters.some(({ name }) => name === parameter) ||
    fieldsOf(draft).some(name => name === field);
  return mistake === null || isShown ? null : (
    <p className="nbtrail-Launch-mistake" role="alert">
      {mistake.message}
    </p>
  );
}

/** The fields that show what the server refuses of them. */
function fieldsOf(draft: IDraft): readonly string[] {
  const own = { once: [], grid: [], sweep: SWEEP_FIELDS, schedule: ['cron'] }[draft.mode];
  const project = isProject(draft) ? ['entry_point', 'version'] : [];
  return [...own, ...project, ...WHERE_FIELDS[draft.mode]];
}

/** Where the parameters come from, or why there are none. */
function Introduction({ form }: { form: INotebookForm }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { problem, parameters, cell, entry_point } = form;
  const words = () => {
    if (entry_point) {
      return trans.__('Its entry point “%1”; the server has read it just now.', entry_point);
    }
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

function Experiment(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft } = useLaunch();
  return (
    <Row label={trans.__('Experiment')} help={null} mistake={null}>
      {control => (
        <input
          {...control}
          className="jp-mod-styled"
          placeholder={
            isProject(draft) ? trans.__('as the project is called') : trans.__('as in the notebook')
          }
          value={draft.experiment}
          onChange={event => model.write({ experiment: event.target.value })}
        />
      )}
    </Row>
  );
}
