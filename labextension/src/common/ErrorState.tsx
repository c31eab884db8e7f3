import { Button } from '@jupyterlab/ui-components';
import React from 'react';

import { CommandIDs } from '../tokens';
import { useServices } from './context';

interface IErrorStateProps {
  message: string;
  /** Ask again for what this view shows; left out, for the runs. */
  retry?: () => void;
}

/** Why there is nothing to show, in one sentence, and a way to try again. */
export function ErrorState({ message, retry }: IErrorStateProps): React.JSX.Element {
  const { commands, trans } = useServices();
  return (
    <div className="nbtrail-State" role="alert" data-testid="nbtrail-error">
      <p>{message}</p>
      <Button
        className="jp-mod-styled jp-mod-accept"
        onClick={retry ?? (() => void commands.execute(CommandIDs.refresh))}
      >
        {trans.__('Try again')}
      </Button>
    </div>
  );
}
