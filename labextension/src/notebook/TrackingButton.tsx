import { MenuSvg } from '@jupyterlab/ui-components';
import React from 'react';

import { useLive, useServices } from '../common/context';
import { trailIcon } from '../common/icons';
import { CommandIDs, type IServices } from '../tokens';
import type { ITrackingState, NotebookTracking } from './tracking';
import { trackingInWords } from './words';

/** The state of a notebook's tracking, and what can be done about it. */
export function TrackingButton({ model }: { model: NotebookTracking }): React.JSX.Element {
  const services = useServices();
  const state = useLive(model);
  const { label, caption } = trackingInWords(state, services.trans);
  return (
    <button
      className="nbtrail-Tracking jp-ToolbarButtonComponent"
      data-testid="nbtrail-tracking"
      data-state={state.recorder}
      data-recording={model.isRecording}
      aria-haspopup="menu"
      aria-label={trackingInWords(state, services.trans).caption}
      title={caption}
      onClick={({ currentTarget }) => openMenu(services, state, currentTarget)}
    >
      <trailIcon.react tag="span" width="14px" height="14px" />
      <span className="nbtrail-Tracking-label">{label}</span>
    </button>
  );
}

function openMenu(services: IServices, state: ITrackingState, button: HTMLElement): void {
  const menu = new MenuSvg({ commands: services.commands });
  const add = (command: string) => void menu.addItem({ command });
  add(state.recorder === 'on' ? CommandIDs.turnOff : CommandIDs.turnOn);
  menu.addItem({ type: 'separator' });
  [CommandIDs.openCurrentRun, CommandIDs.compareNotebook, CommandIDs.launchNotebook].forEach(add);
  menu.addItem({ type: 'separator' });
  add(CommandIDs.showPanel);
  menu.aboutToClose.connect(() => void Promise.resolve().then(() => menu.dispose()));
  const { left, bottom } = button.getBoundingClientRect();
  menu.open(left, bottom);
}
