/** The page of a run, and the commands that act on runs. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import type { Pages } from '../pages/pages';
import { addRunCommands } from '../run/commands';
import { IPages, IServices } from '../tokens';

export const run: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:run-page',
  description: 'Shows a run, and carries out what can be done with it.',
  autoStart: true,
  requires: [IServices, IPages, IRenderMimeRegistry],
  optional: [IEditorLanguageRegistry],
  activate: (
    _: JupyterFrontEnd,
    services: IServices,
    pages: Pages,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry | null
  ) => {
    addRunCommands(services);
    pages.add({
      id: 'run',
      title: services.trans.__('Run'),
      key: ({ run_id }) => String(run_id),
      load: async () => {
        const { createRunPage } = await import('../run/page');
        return { create: host => createRunPage(host, { rendermime, languages }) };
      }
    });
  }
};
