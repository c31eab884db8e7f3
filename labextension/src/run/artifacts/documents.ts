/** Files as the previews show them: nothing in them is executed, and nothing is loaded by them. */

/** What a page in a frame may do: nothing but be drawn. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; media-src data:";

/** A page with a policy before anything that is its own; on white, as pages expect it. */
export function framed(html: string): string {
  return `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="color-scheme" content="light"><style>html{background:#fff}</style>${html}`;
}

/** JSON with a line for each value; what is no JSON stays as it is. */
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export interface IFigure {
  data: object[];
  layout: Record<string, unknown>;
}

/** A figure of plotly; null if it is none. Images that it would load from elsewhere are left out. */
export function figureIn(text: string): IFigure | null {
  try {
    const { data, layout = {} } = JSON.parse(text) as Partial<IFigure>;
    if (!Array.isArray(data)) {
      return null;
    }
    const images = (layout.images ?? []) as { source?: unknown }[];
    const own = images.filter(({ source }) => String(source).startsWith('data:'));
    return { data, layout: { ...layout, images: own } };
  } catch {
    return null;
  }
}
