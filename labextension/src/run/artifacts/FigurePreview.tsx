import React, { useCallback, useMemo } from 'react';

import type { IPreview } from '../../api/artifacts';
import { type Plotly, usePlotly } from '../../chart/plotly';
import { useServices } from '../../common/context';
import { figureIn, type IFigure } from './documents';
import { TextPreview } from './simple';

/** A figure, drawn by plotly as its file says; its text where that is no figure. */
export function FigurePreview({ file }: { file: IPreview }): React.JSX.Element {
  const { trans } = useServices();
  const figure = useMemo(() => figureIn(file.text ?? ''), [file.text]);
  return figure === null ? (
    <TextPreview file={file} />
  ) : (
    <Drawn figure={figure} label={trans.__('Figure %1', file.path)} />
  );
}

function Drawn({ figure, label }: { figure: IFigure; label: string }): React.JSX.Element {
  const draw = useCallback(
    async (plotly: Plotly, element: HTMLDivElement) => {
      const layout = { ...figure.layout, autosize: true, width: undefined };
      await plotly.react(element, figure.data, layout, { displayModeBar: false });
    },
    [figure]
  );
  return <div ref={usePlotly(draw)} className="nbtrail-Figure" role="img" aria-label={label} />;
}
