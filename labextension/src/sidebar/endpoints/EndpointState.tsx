import { checkIcon, closeIcon, type LabIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { EndpointState as State } from '../../api/models';
import { useServices } from '../../common/context';

/** The icon, and the run's status whose colour it wears. */
const LOOKS: Record<State, [LabIcon, string]> = {
  starting: [runIcon, 'RUNNING'],
  ready: [checkIcon, 'FINISHED'],
  failed: [closeIcon, 'FAILED'],
  stopped: [stopIcon, 'SCHEDULED']
};

/** An endpoint's state as an icon and a word. */
export function EndpointState({ state }: { state: State }): React.JSX.Element {
  const { trans } = useServices();
  const words: Record<State, string> = {
    starting: trans.__('Starting'),
    ready: trans.__('Ready'),
    failed: trans.__('Failed'),
    stopped: trans.__('Stopped')
  };
  const [Icon, status] = LOOKS[state];
  return (
    <span className="nbtrail-Status" data-status={status}>
      <Icon.react tag="span" width="12px" height="12px" />
      {words[state]}
    </span>
  );
}
