import type { LabIcon } from '@jupyterlab/ui-components';
import {
  checkIcon,
  circleEmptyIcon,
  closeIcon,
  runIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import type { RunStatus } from '../tokens';
import { useServices } from './context';

const ICONS: Record<RunStatus, LabIcon> = {
  RUNNING: runIcon,
  SCHEDULED: circleEmptyIcon,
  FINISHED: checkIcon,
  FAILED: closeIcon,
  KILLED: stopIcon
};

/** A run's status as an icon and a word. */
export function StatusLabel({ status }: { status: RunStatus }): React.JSX.Element {
  const { trans } = useServices();
  const words: Record<RunStatus, string> = {
    RUNNING: trans.__('Running'),
    SCHEDULED: trans.__('Scheduled'),
    FINISHED: trans.__('Finished'),
    FAILED: trans.__('Failed'),
    KILLED: trans.__('Killed')
  };
  const Icon = ICONS[status];
  return (
    <span className="nbtrail-Status" data-status={status}>
      <Icon.react tag="span" width="12px" height="12px" />
      {words[status]}
    </span>
  );
}
