/** What was done is told, with a button that undoes it. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** So long it can be undone with a click, in milliseconds. */
const UNDOABLE = 12_000;

export function tellUndoable(message: string, undo: () => void, trans: TranslationBundle): void {
  Notification.info(message, {
    autoClose: UNDOABLE,
    actions: [{ label: trans.__('Undo'), callback: undo }]
  });
}
