/** Texts that are taken elsewhere. */
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Put a text into the clipboard, and say so. */
export function copied(text: string, trans: TranslationBundle): void {
  Clipboard.copyToSystem(text);
  Notification.success(trans.__('It is in the clipboard.'), { autoClose: 3000 });
}
