import type { Data, Layout, PlotlyHTMLElement } from 'plotly.js-basic-dist-min';
import React, { useCallback, useEffect, useRef } from 'react';

import { nearest } from './axes';
import type { Hovers, IHover } from './hovers';
import { type Plotly, usePlotly, withDrawn } from './plotly';
import { inkOf, themed } from './themed';

interface IFigureProps {
  data: Data[];
  layout: Partial<Layout>;
  /** What it shows, in a sentence. */
  label: string;
  hovers?: Hovers;
  /** The part of the x axis that was chosen with the pointer, in its unit; null for all. */
  onZoom?: (range: number[] | null) => void;
  onClick?: (id: string) => void;
}

/** A figure drawn by plotly, in the colours of the theme and as large as its place. */
export function Figure(props: IFigureProps): React.JSX.Element {
  const { data, layout, label, hovers } = props;
  const handlers = useRef(props);
  useEffect(() => {
    handlers.current = props;
  });
  const drawn = useCallback(
    async (plotly: Plotly, element: HTMLDivElement) => {
      await draw(plotly, element, data, layout);
      if (element.isConnected) {
        listen(element as unknown as PlotlyHTMLElement, handlers);
      }
    },
    [data, layout]
  );
  const node = usePlotly(drawn);
  useEchoes(node, hovers);
  return (
    <div
      ref={node}
      className="nbtrail-Drawing"
      role="img"
      aria-label={label}
      data-testid="nbtrail-drawing"
    />
  );
}

async function draw(
  plotly: Plotly,
  node: HTMLDivElement,
  data: Data[],
  layout: Partial<Layout>
): Promise<void> {
  const plain = { displayModeBar: false, responsive: false, showTips: false };
  const config = { ...plain, doubleClick: false as const };
  await plotly.react(node, data, themed(layout, inkOf(node)), config);
  node.dataset.traces = String(data.length);
}

/** Follow the pointer in a figure, once however often it is drawn. */
function listen(node: PlotlyHTMLElement, props: React.RefObject<IFigureProps>): void {
  node.removeAllListeners?.('plotly_relayout');
  ['plotly_hover', 'plotly_unhover', 'plotly_click', 'plotly_doubleclick'].forEach(event =>
    node.removeAllListeners?.(event)
  );
  const isPointed = () => node.matches(':hover');
  node.on('plotly_relayout', event => {
    const range = [event['xaxis.range[0]'], event['xaxis.range[1]']];
    if (range.every(edge => edge !== undefined)) {
      props.current?.onZoom?.(inUnits(range, node));
    }
  });
  node.on('plotly_doubleclick', () => props.current?.onZoom?.(null));
  node.on('plotly_click', ({ points }) => {
    const [point] = points;
    props.current?.onClick?.(String(point.customdata ?? idOf(point.data)));
  });
  node.on('plotly_hover', ({ points }) => {
    if (isPointed()) {
      const x = Number(new Date(points[0].x as number));
      props.current?.hovers?.move({ from: node, id: idOf(points[0].data), x });
    }
  });
  node.on('plotly_unhover', () => isPointed() && props.current?.hovers?.move(null));
}

function idOf(trace: unknown): string {
  return String((trace as { meta?: unknown }).meta ?? '');
}

/** Edges as plotly says them: exponents on a logarithmic axis, dates in words. */
function inUnits(edges: unknown[], node: PlotlyHTMLElement): number[] {
  switch (node.layout.xaxis?.type) {
    case 'log':
      return edges.map(edge => 10 ** Number(edge));
    case 'date':
      return edges.map(edge => Date.parse(`${String(edge).replace(' ', 'T')}Z`));
    default:
      return edges.map(Number);
  }
}

/** Show what is under the pointer in another figure here, too. */
function useEchoes(node: React.RefObject<HTMLDivElement>, hovers: Hovers | undefined): void {
  useEffect(() => {
    const echo = (_: unknown, hover: IHover | null) => {
      if (node.current && hover?.from !== node.current) {
        void withDrawn(plotly => {
          if (node.current) {
            show(plotly, node.current, hover);
          }
        });
      }
    };
    hovers?.moved.connect(echo);
    return () => void hovers?.moved.disconnect(echo);
  }, [node, hovers]);
}

/** Not in plotly's types, but in its documentation. */
interface IFx {
  hover(node: HTMLElement, points: { curveNumber: number; pointNumber: number }[]): void;
  unhover(node: HTMLElement): void;
}

function show(plotly: Plotly, node: HTMLDivElement, hover: IHover | null): void {
  const { Fx } = plotly as unknown as { Fx: IFx };
  const data = (node as unknown as Partial<PlotlyHTMLElement>).data ?? [];
  const curveNumber = data.findIndex(trace => idOf(trace) === hover?.id);
  const trace = data[curveNumber] as { x: number[] } | undefined;
  const pointNumber = hover && trace ? nearest(trace.x, hover.x) : -1;
  if (node.matches(':hover')) {
    return;
  }
  if (pointNumber >= 0) {
    Fx.hover(node, [{ curveNumber, pointNumber }]);
  } else if (data.length > 0) {
    Fx.unhover(node);
  }
}
