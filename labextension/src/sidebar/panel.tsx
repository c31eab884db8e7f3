/** The panel in the left sidebar. */
import React from 'react';

import { trailIcon } from '../common/icons';
import { ServicesContext } from '../common/context';
import { LiveWidget } from '../common/widget';
import type { IServices, ITrailModel } from '../tokens';
import { TrailContext } from './context';
import { TrailView } from './TrailView';

export const PANEL_ID = 'nbtrail-panel';

export class TrailPanel extends LiveWidget {
  constructor(services: IServices, model: ITrailModel) {
    super(
      model,
      <ServicesContext.Provider value={services}>
        <TrailContext.Provider value={model}>
          <TrailView />
        </TrailContext.Provider>
      </ServicesContext.Provider>
    );
    const name = services.trans.__('nbtrail: experiments and runs');
    this.id = PANEL_ID;
    this.addClass('nbtrail-Panel');
    this.title.icon = trailIcon;
    this.title.caption = name;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', name);
  }
}
