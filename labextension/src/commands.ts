/** The commands that the panel, the palette and the menus share. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { trailIcon } from './common/icons';
import type { Navigator } from './notebook/navigation';
import { PANEL_ID } from './sidebar/panel';
import { CommandIDs, type ITrailModel } from './tokens';

/** Without it, a notification waits unseen in the notification centre. */
const TOAST = { autoClose: 6000 };

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

const REVEAL_ARGS = {
  args: {
    type: 'object',
    properties: {
      notebook: {
        type: ['string', 'null'],
        description: 'The path of the notebook as its kernel knows it'
      },
      cellId: { type: ['string', 'null'], description: 'The id of the cell' }
    }
  }
} as const;

/** Add what opens and refreshes the panel. */
export function addPanelCommands(
  app: JupyterFrontEnd,
  model: ITrailModel,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.showPanel, {
    label: trans.__('Experiments and Runs (nbtrail)'),
    caption: trans.__('Show the nbtrail panel'),
    icon: trailIcon,
    describedBy: NO_ARGS,
    execute: () => app.shell.activateById(PANEL_ID)
  });
  app.commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh the Runs'),
    caption: trans.__('Ask the nbtrail server extension again'),
    describedBy: NO_ARGS,
    execute: () => model.invalidate()
  });
}

/** Add what leads from the panel into notebooks. */
export function addNotebookCommands(
  app: JupyterFrontEnd,
  navigator: Navigator,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.insertSnippet, {
    label: trans.__('Insert %load_ext nbtrail as the First Cell'),
    describedBy: NO_ARGS,
    execute: async () => {
      if (!(await navigator.insertSnippet())) {
        Notification.info(trans.__('Open a notebook first; the cell goes to its top.'), TOAST);
      }
    }
  });
  app.commands.addCommand(CommandIDs.revealCell, {
    label: trans.__('Go to the Cell that Logged a Metric'),
    describedBy: REVEAL_ARGS,
    execute: async ({ notebook, cellId }) => {
      if (typeof cellId !== 'string') {
        Notification.info(trans.__('This metric was logged outside of a notebook’s cells.'), TOAST);
      } else if (!(await navigator.reveal(notebook as string | null, cellId))) {
        Notification.warning(
          trans.__('The cell that logged this metric was not found: it or its notebook is gone.'),
          TOAST
        );
      }
    }
  });
}
