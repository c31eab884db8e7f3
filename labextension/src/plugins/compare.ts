/** The page that compares runs. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { keyOf } from '../compare/choice';
import type { Pages } from '../pages/pages';
import { IPages, IServices } from '../tokens';

export const compare: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:compare',
  description: 'Compares runs: as a table, in charts, and cell by cell.',
  autoStart: true,
  requires: [IServices, IPages],
  activate: (_: JupyterFrontEnd, { trans }: IServices, pages: Pages) => {
    pages.add({
      id: 'compare',
      title: trans.__('Compare runs'),
      key: keyOf,
      load: () => import('../compare/page')
    });
  }
};
