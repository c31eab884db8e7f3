/** The plugins of the labextension. */
import { compare } from './plugins/compare';
import { launch } from './plugins/launch';
import { notebooks, recorder } from './plugins/notebooks';
import { pages } from './plugins/pages';
import { registry } from './plugins/registry';
import { run } from './plugins/run';
import { services, store } from './plugins/services';
import { sidebar } from './plugins/sidebar';
import { tracking } from './plugins/tracking';

export { IPages, IServices, ITrailModel } from './tokens';

export default [
  services,
  store,
  sidebar,
  pages,
  run,
  compare,
  launch,
  registry,
  notebooks,
  recorder,
  tracking
];
