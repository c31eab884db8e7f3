/** What the status bar says of the notebook in front. */
import { ReactWidget } from '@jupyterlab/ui-components';
import { ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import { CommandIDs, type IServices } from '../tokens';
import type { NotebookTracking } from './tracking';
import { trackingInWords } from './words';

export class StatusItem extends ReactWidget {
  constructor(private readonly services: IServices) {
    super();
    this.addClass('nbtrail-StatusItem');
  }

  /** Emits when it is to be shown, or no more. */
  get activeStateChanged(): ISignal<this, void> {
    return this._activeStateChanged;
  }

  isActive(): boolean {
    return this.model !== null && this.model.state.recorder !== 'none';
  }

  /** Speak of another notebook; null if none is in front. */
  follow(model: NotebookTracking | null): void {
    this.model?.changed.disconnect(this.onChanged);
    this.model = model;
    this.model?.changed.connect(this.onChanged);
    this.onChanged();
  }

  protected override render(): React.JSX.Element {
    const { commands, trans } = this.services;
    const { label, caption } = trackingInWords(
      this.model?.state ?? { recorder: 'none', run: null },
      trans
    );
    return (
      <button
        className="nbtrail-Link"
        data-testid="nbtrail-status"
        title={caption}
        onClick={() => void commands.execute(CommandIDs.showPanel)}
      >
        {trans.__('nbtrail: %1', label)}
      </button>
    );
  }

  private readonly onChanged = (): void => {
    this.update();
    this._activeStateChanged.emit();
  };

  private readonly _activeStateChanged = new Signal<this, void>(this);
  private model: NotebookTracking | null = null;
}
