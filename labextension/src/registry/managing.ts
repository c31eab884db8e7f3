/** What is done with models and versions as wholes: another name, a copy, deletion with undo. */
import { Notification } from '@jupyterlab/apputils';

import { attempt } from '../common/attempt';
import { useServices } from '../common/context';
import { tellUndoable } from '../common/undoable';
import { ask, confirm } from '../sidebar/dialogs';
import { useAct, useModel, useModelPage } from './context';

const BRIEFLY = { autoClose: 5000 };

/** Give the model another name, and delete it: the page of what it was closes. */
export function useManaging(): { rename(): Promise<void>; remove(): Promise<void> } {
  const { trans } = useServices();
  const { registry, name, open, close } = useModelPage();
  const { versions } = useModel();
  const rename = async () => {
    const fields = [{ name: 'name', label: trans.__('New name'), value: name }];
    const found = await ask(trans.__('Rename %1', name), trans.__('Rename'), fields, trans);
    const wanted = found?.name.trim();
    if (wanted && wanted !== name && (await attempt(() => registry.rename(name, wanted)))) {
      open('model', { name: wanted });
      close();
    }
  };
  const undo = async () => {
    if (await attempt(() => registry.restore(name))) {
      open('model', { name });
    }
  };
  const remove = async () => {
    const what = trans._n('With its one version.', 'With its %1 versions.', versions.length);
    const stays = trans.__('The files and the history stay.');
    const title = trans.__('Delete %1?', name);
    if (!(await confirm(title, `${what} ${stays}`, trans.__('Delete'), trans))) {
      return;
    }
    if (await attempt(() => registry.remove(name))) {
      close();
      tellUndoable(trans.__('The model %1 is deleted.', name), () => void undo(), trans);
    }
  };
  return { rename, remove };
}

/** Make a version the next one of another model, and delete it. */
export function useVersionManaging(version: string): {
  copy(): Promise<void>;
  remove(): Promise<void>;
} {
  const { trans } = useServices();
  const { registry, name, open } = useModelPage();
  const act = useAct();
  const copy = async () => {
    const fields = [{ name: 'to', label: trans.__('Registered model that gets it') }];
    const title = trans.__('Copy version %1', version);
    const found = await ask(title, trans.__('Copy'), fields, trans);
    const to = found?.to.trim();
    if (to) {
      await act(async () => {
        const made = await registry.copy(name, version, to);
        const callback = () => open('model', { name: made.name, version: made.version });
        Notification.success(trans.__('It is version %1 of %2.', made.version, made.name), {
          ...BRIEFLY,
          actions: [{ label: trans.__('Open it'), callback }]
        });
      });
    }
  };
  const undo = () => void act(() => registry.restore(name, version));
  const remove = async () => {
    const title = trans.__('Delete version %1 of %2?', version, name);
    const body = trans.__('Its aliases go with it. The files and the history stay.');
    if (!(await confirm(title, body, trans.__('Delete'), trans))) {
      return;
    }
    if (await act(() => registry.remove(name, version))) {
      tellUndoable(trans.__('Version %1 of %2 is deleted.', version, name), undo, trans);
    }
  };
  return { copy, remove };
}
