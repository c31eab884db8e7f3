/** The colours and the font of the theme in a plotly layout. */
import type { Layout, LayoutAxis } from 'plotly.js-basic-dist-min';

export const FONT_SIZE = 11;

/** The colours and font of the theme in use. */
export interface IInk {
  text: string;
  grid: string;
  background: string;
  font: string;
}

/** The ink of the theme that an element is in. */
export function inkOf(element: HTMLElement): IInk {
  const style = getComputedStyle(element);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: variable('--jp-ui-font-color1'),
    grid: variable('--jp-border-color2'),
    background: variable('--jp-layout-color1'),
    font: variable('--jp-ui-font-family')
  };
}

/** A layout in the ink of a theme. */
export function themed(layout: Partial<Layout>, ink: IInk): Partial<Layout> {
  return {
    autosize: true,
    showlegend: false,
    margin: { l: 8, r: 12, t: 8, b: 8 },
    font: { family: ink.font, size: FONT_SIZE, color: ink.text },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    hoverlabel: { bgcolor: ink.background, bordercolor: ink.grid, font: { color: ink.text } },
    ...layout,
    xaxis: axis(layout.xaxis, ink),
    yaxis: axis(layout.yaxis, ink)
  };
}

function axis(own: Partial<LayoutAxis> | undefined, ink: IInk): Partial<LayoutAxis> {
  return {
    gridcolor: ink.grid,
    linecolor: ink.grid,
    zerolinecolor: ink.grid,
    // A negative thickness is plotly's way to say: without a white edge.
    spikecolor: ink.text,
    spikethickness: -1,
    spikedash: 'dot',
    automargin: true,
    ...own
  };
}
