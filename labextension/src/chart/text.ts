/** Texts in plotly's figures, which reads some HTML in them. */

/** A text that is drawn as it is, whatever a run is called. */
export function asText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
