/** The panel in the left sidebar. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { ITrailContext } from '../components/context';
import { TrailContext } from '../components/context';
import { TrailView } from '../components/TrailView';
import { trailIcon } from '../icons';

export const PANEL_ID = 'nbtrail-panel';

/** Draws the trail; wakes the model while it is in sight and lets it rest otherwise. */
export class TrailPanel extends ReactWidget {
  constructor(private readonly context: ITrailContext) {
    super();
    const { trans } = context;
    this.id = PANEL_ID;
    this.addClass('nbtrail-Panel');
    this.title.icon = trailIcon;
    this.title.caption = trans.__('nbtrail: experiments and runs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('nbtrail: experiments and runs'));
  }

  override dispose(): void {
    this.context.model.active = false;
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <TrailContext.Provider value={this.context}>
        <TrailView />
      </TrailContext.Provider>
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onVisibility();
  }

  protected override onBeforeDetach(message: Message): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.context.model.active = false;
    super.onBeforeDetach(message);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.onVisibility();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.onVisibility();
  }

  private readonly onVisibility = (): void => {
    this.context.model.active = this.isVisible && !document.hidden;
  };
}
