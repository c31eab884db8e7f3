import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import React, { useCallback } from 'react';

import { useRunPage } from '../context';
import { Mounted } from '../../common/Mounted';

/** What a cell has put out, as JupyterLab draws what it does not trust: without any script. */
export function Outputs({ outputs }: { outputs: IOutput[] }): React.JSX.Element {
  const { tools } = useRunPage();
  const { rendermime } = tools;
  const make = useCallback(
    () =>
      new SimplifiedOutputArea({
        model: new OutputAreaModel({ values: outputs, trusted: false }),
        rendermime
      }),
    [outputs, rendermime]
  );
  return <Mounted make={make} className="nbtrail-Outputs" />;
}
