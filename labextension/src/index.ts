/** The plugins of the labextension. */
import { notebooks, recorder } from './plugins/notebooks';
import { pages } from './plugins/pages';
import { services, store } from './plugins/services';
import { sidebar } from './plugins/sidebar';

export { IPages, IServices, ITrailModel } from './tokens';

export default [services, store, sidebar, pages, notebooks, recorder];
