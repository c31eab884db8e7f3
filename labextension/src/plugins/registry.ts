/** The pages of registered models and of endpoints. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import type { Pages } from '../pages/pages';
import { IPages, IServices } from '../tokens';

export const registry: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:registry',
  description: 'Shows registered models and endpoints, and carries out what can be done with them.',
  autoStart: true,
  requires: [IServices, IPages, IRenderMimeRegistry],
  optional: [IEditorLanguageRegistry],
  activate: (
    _: JupyterFrontEnd,
    { trans }: IServices,
    pages: Pages,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry | null
  ) => {
    pages.add({
      id: 'model',
      title: trans.__('Model'),
      key: ({ name }) => String(name),
      load: async () => {
        const { createModelPage } = await import('../registry/page');
        return { create: host => createModelPage(host, { rendermime, languages }) };
      }
    });
    pages.add({
      id: 'endpoint',
      title: trans.__('Endpoint'),
      key: ({ name }) => String(name),
      load: () => import('../endpoint/page')
    });
  }
};
