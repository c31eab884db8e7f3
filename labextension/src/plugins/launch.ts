/** The page that runs a notebook with other parameters. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import type { Pages } from '../pages/pages';
import { IPages, IServices } from '../tokens';

export const launch: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:launch',
  description: 'Runs notebooks with other parameters, in the background of the server.',
  autoStart: true,
  requires: [IServices, IPages],
  activate: (_: JupyterFrontEnd, { trans }: IServices, pages: Pages) => {
    pages.add({
      id: 'launch',
      title: trans.__('Launch a notebook'),
      key: ({ path }) => String(path),
      load: () => import('../launch/page')
    });
  }
};
