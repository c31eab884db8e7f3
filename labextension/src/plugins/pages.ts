/** The pages of the main area: opened by command, restored after a reload, shared as links. */
import { ILabShell, ILayoutRestorer, IRouter } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette, Notification, WidgetTracker } from '@jupyterlab/apputils';

import { asksForPanel, pageIn } from '../pages/link';
import type { PageState } from '../pages/page';
import { Pages, type PageWidget } from '../pages/pages';
import { CommandIDs, IPages, IServices } from '../tokens';

const NAMESPACE = 'nbtrail-pages';

const OPEN_ARGS = {
  args: {
    type: 'object',
    properties: {
      kind: { type: 'string', description: 'What is to be opened, such as “run” or “compare”' },
      state: { type: 'object', description: 'What it shows, such as {"run_id": "…"}' }
    },
    required: ['kind', 'state']
  }
} as const;

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

export const pages: JupyterFrontEndPlugin<Pages> = {
  id: 'nbtrail:pages',
  description: 'Opens runs, comparisons and forms in the main area.',
  autoStart: true,
  provides: IPages,
  requires: [IServices],
  optional: [ILabShell, ILayoutRestorer, IRouter, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    services: IServices,
    lab: ILabShell | null,
    restorer: ILayoutRestorer | null,
    router: IRouter | null,
    palette: ICommandPalette | null
  ) => {
    const tracker = new WidgetTracker<PageWidget>({ namespace: NAMESPACE });
    const pages = new Pages(services, tracker, lab && mainArea(lab));
    addCommands(app, services, pages, tracker);
    void restorer?.restore(tracker, {
      command: CommandIDs.openPage,
      args: ({ link }) => ({ kind: link.kind, state: link.state }),
      name: widget => widget.id
    });
    if (router) {
      followLinks(app, router);
    }
    palette?.addItem({ command: CommandIDs.copyLink, category: 'nbtrail' });
    return pages;
  }
};

function mainArea(lab: ILabShell) {
  return {
    add: (widget: PageWidget) => lab.add(widget, 'main', { type: 'nbtrail' }),
    activate: (id: string) => lab.activateById(id)
  };
}

function addCommands(
  { commands }: JupyterFrontEnd,
  { trans }: IServices,
  pages: Pages,
  tracker: WidgetTracker<PageWidget>
): void {
  commands.addCommand(CommandIDs.openPage, {
    label: trans.__('Open a Page of nbtrail'),
    describedBy: OPEN_ARGS,
    execute: ({ kind, state }) => {
      if (!pages.open({ kind: String(kind), state: (state ?? {}) as PageState })) {
        Notification.warning(trans.__('This version of nbtrail has no page “%1”.', String(kind)));
      }
    }
  });
  commands.addCommand(CommandIDs.copyLink, {
    label: trans.__('Copy a Link to This Page'),
    describedBy: NO_ARGS,
    isEnabled: () => tracker.currentWidget !== null,
    execute: () => {
      if (tracker.currentWidget) {
        Clipboard.copyToSystem(pages.address(tracker.currentWidget.link));
        Notification.success(trans.__('The link is in the clipboard.'), { autoClose: 3000 });
      }
    }
  });
}

/** Open what the address of this window asks for, once JupyterLab has restored the rest. */
function followLinks({ commands, restored }: JupyterFrontEnd, router: IRouter): void {
  const search = router.current.search ?? '';
  const link = pageIn(search);
  if (link) {
    void restored.then(() => commands.execute(CommandIDs.openPage, { ...link }));
  } else if (asksForPanel(search)) {
    void restored.then(() => commands.execute(CommandIDs.showPanel));
  }
}
