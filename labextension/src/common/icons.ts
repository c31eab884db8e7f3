import { LabIcon } from '@jupyterlab/ui-components';

import trail from '../../style/icons/trail.svg';

export const trailIcon = new LabIcon({ name: 'nbtrail:trail', svgstr: trail });
