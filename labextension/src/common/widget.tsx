/** A view in Lumino's world: wakes its model while it is in sight, lets it rest otherwise. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { ILive, ILiveState } from './live';

export class LiveWidget extends ReactWidget {
  constructor(
    private readonly model: Pick<ILive<ILiveState>, 'active'>,
    private readonly content: React.JSX.Element
  ) {
    super();
    this.addClass('nbtrail-View');
  }

  override dispose(): void {
    this.model.active = false;
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return this.content;
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onVisibility();
  }

  protected override onBeforeDetach(message: Message): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.model.active = false;
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
    this.model.active = this.isVisible && !document.hidden;
  };
}
