/** What can be done with a run: asked for where that needs an answer, carried out, and told. */
import { Clipboard, Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';

import { RunApi } from '../api/run';
import { attempt } from '../common/attempt';
import { tellUndoable } from '../common/undoable';
import { CommandIDs, type IServices } from '../tokens';
import { ParametersForm } from './dialogs/ParametersForm';
import { RegisterForm } from './dialogs/RegisterForm';
import { TagsForm } from './dialogs/TagsForm';
import { STAR } from './keys';

const BRIEFLY = { autoClose: 5000 };

export async function rename(services: IServices, runId: string): Promise<void> {
  const { trans } = services;
  await attempt(async () => {
    const { info } = await apiOf(services).run(runId);
    const { value } = await InputDialog.getText({
      title: trans.__('Rename the run'),
      text: info.run_name,
      okLabel: trans.__('Rename'),
      required: true
    });
    if (value !== null && value !== info.run_name) {
      await apiOf(services).change(runId, { name: value });
    }
  });
}

export async function tag(services: IServices, runId: string): Promise<void> {
  const { trans } = services;
  await attempt(async () => {
    const { info, tags } = await apiOf(services).run(runId);
    const body = new TagsForm(tags, trans);
    const title = trans.__('Tags of %1', info.run_name);
    const { button, value } = await showDialog({ title, body, buttons: buttons(services) });
    if (button.accept && value && Object.keys(value).length > 0) {
      await apiOf(services).change(runId, { tags: value });
    }
  });
}

export async function star(services: IServices, runId: string): Promise<void> {
  await attempt(async () => {
    const { tags } = await apiOf(services).run(runId);
    await apiOf(services).change(runId, { star: tags[STAR] !== 'true' });
  });
}

export async function rerun(services: IServices, runId: string): Promise<void> {
  const { trans } = services;
  await attempt(async () => {
    const form = await apiOf(services).parameters(runId);
    if (form.problem !== null) {
      Notification.error(form.problem);
      return;
    }
    const body = new ParametersForm(form.parameters, trans);
    const title = trans.__('Run again with…');
    const accept = trans.__('Run');
    const { button, value } = await showDialog({ title, body, buttons: buttons(services, accept) });
    if (button.accept) {
      await apiOf(services).rerun(runId, value ?? {});
      tellOfJob(services, trans.__('The run is executed again in the background.'));
    }
  });
}

export async function reproduce(services: IServices, runId: string): Promise<void> {
  const { trans } = services;
  await attempt(async () => {
    await apiOf(services).reproduce(runId);
    tellOfJob(
      services,
      trans.__('The run is executed once more in the background, and then compared.')
    );
  });
}

export async function restoreNotebook(services: IServices, runId: string): Promise<void> {
  const { commands, trans } = services;
  await attempt(async () => {
    const path = await apiOf(services).restoreNotebook(runId);
    Notification.success(trans.__('The notebook of the run is in %1.', path), BRIEFLY);
    await commands.execute('docmanager:open', { path });
  });
}

export async function registerModel(services: IServices, runId: string): Promise<void> {
  const { trans } = services;
  await attempt(async () => {
    const { models } = await apiOf(services).run(runId);
    if (models.length === 0) {
      Notification.info(trans.__('This run has logged no model.'), BRIEFLY);
      return;
    }
    const names = (await apiOf(services).models()).map(model => model.name);
    const body = new RegisterForm(models, names, trans);
    const title = trans.__('Register a model');
    const accept = trans.__('Register');
    const { button, value } = await showDialog({ title, body, buttons: buttons(services, accept) });
    if (button.accept && value?.name) {
      const made = await apiOf(services).register(value.modelId, value.name);
      Notification.success(trans.__('It is version %1 of %2.', made.version, made.name), BRIEFLY);
    }
  });
}

export async function copyId({ trans }: IServices, runId: string): Promise<void> {
  Clipboard.copyToSystem(runId);
  Notification.success(trans.__('The id is in the clipboard.'), BRIEFLY);
}

export async function remove(services: IServices, runIds: string[]): Promise<void> {
  const { commands, trans } = services;
  await attempt(async () => {
    await apiOf(services).delete(runIds);
    const undo = () => void commands.execute(CommandIDs.restoreRuns, { run_ids: runIds });
    const count = runIds.length;
    tellUndoable(trans._n('One run is deleted.', '%1 runs are deleted.', count), undo, trans);
  });
}

export async function restore(services: IServices, runIds: string[]): Promise<void> {
  await attempt(() => apiOf(services).restore(runIds));
}

function apiOf({ client }: IServices): RunApi {
  return new RunApi(client);
}

function buttons({ trans }: IServices, accept = trans.__('Save')): Dialog.IButton[] {
  return [Dialog.cancelButton(), Dialog.okButton({ label: accept })];
}

/** The jobs are in the sidebar, where they can be followed and stopped. */
function tellOfJob({ commands, trans }: IServices, message: string): void {
  const callback = () => void commands.execute(CommandIDs.showPanel);
  Notification.info(message, {
    ...BRIEFLY,
    actions: [{ label: trans.__('Show the panel'), callback }]
  });
}
