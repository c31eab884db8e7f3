import React, { useEffect, useMemo, useRef } from 'react';

import type { IPreview } from '../../api/artifacts';
import { useServices } from '../../common/context';
import { figureIn } from './documents';
import { TextPreview } from './simple';

const loadPlotly = () => import('plotly.js-basic-dist-min');

/** A figure, drawn by plotly as its file says; its text where that is no figure. */
export function FigurePreview({ file }: { file: IPreview }): React.JSX.Element {
  const { trans } = useServices();
  const node = useRef<HTMLDivElement>(null);
  const figure = useMemo(() => figureIn(file.text ?? ''), [file.text]);
  useEffect(() => {
    const element = node.current;
    if (figure === null || element === null) {
      return;
    }
    let isCurrent = true;
    void loadPlotly().then(async plotly => {
      if (isCurrent) {
        const layout = { ...figure.layout, autosize: true, width: undefined };
        await plotly.newPlot(element, figure.data, layout, { displayModeBar: false });
      }
    });
    return () => {
      isCurrent = false;
      void loadPlotly().then(plotly => plotly.purge(element));
    };
  }, [figure]);
  if (figure === null) {
    return <TextPreview file={file} />;
  }
  return (
    <div
      ref={node}
      className="nbtrail-Figure"
      role="img"
      aria-label={trans.__('Figure %1', file.path)}
    />
  );
}
