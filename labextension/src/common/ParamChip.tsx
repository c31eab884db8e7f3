import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IParam } from '../tokens';
import { useServices } from './context';

/** A param and its value; what was not set on purpose is drawn in italics. */
export function ParamChip({ param }: { param: IParam }): React.JSX.Element {
  const { trans } = useServices();
  const title = `${param.key} = ${param.value}\n${originInWords(param, trans)}`;
  return (
    <span className="nbtrail-Param" data-origin={param.origin} title={title}>
      <span className="nbtrail-Key">{param.key}</span> {param.value}
    </span>
  );
}

/** Where a param came from. */
export function originInWords({ origin }: IParam, trans: TranslationBundle): string {
  switch (origin) {
    case 'explicit':
      return trans.__('Logged by the code');
    case 'injected':
      return trans.__('Given to the notebook when it was run');
    case 'inferred':
      return trans.__('Inferred from a cell');
    case 'inherited':
      return trans.__('Inherited from the run before');
    case 'autolog':
      return trans.__('Recorded by autolog');
  }
}
