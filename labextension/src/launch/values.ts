/** From what was typed into the form to what is launched. */
import type { ILaunch, INotebookParameter } from '../api/jobs';

/** What was typed, by parameter; one that was left alone is not there. */
export type Entries = Readonly<Record<string, string>>;

const OPENING = '([{';
const CLOSING = ')]}';

/** The values in a text, between commas that are outside of brackets and quotes. */
export function valuesIn(text: string): string[] {
  const values = [''];
  let depth = 0;
  let quote = '';
  for (const char of text) {
    if (char === ',' && depth === 0 && !quote) {
      values.push('');
      continue;
    }
    values[values.length - 1] += char;
    if (quote) {
      quote = char === quote ? '' : quote;
    } else if (char === '"' || char === "'") {
      quote = char;
    } else {
      depth += Number(OPENING.includes(char)) - Number(CLOSING.includes(char));
    }
  }
  return values.map(value => value.trim()).filter(value => value !== '');
}

/** How many runs a form makes. */
export function runCount(entries: Entries, isGrid: boolean): number {
  const sizes = Object.values(entries).map(text => valuesIn(text).length || 1);
  return isGrid ? sizes.reduce((product, size) => product * size, 1) : 1;
}

/** What to launch: values that are not the defaults; in a grid, those with several by themselves. */
export function launchOf(
  path: string,
  parameters: readonly INotebookParameter[],
  entries: Entries,
  isGrid: boolean
): ILaunch {
  const known = parameters.map(({ name }) => name);
  const given = Object.entries(entries).filter(
    ([name, text]) => text.trim() !== '' && known.includes(name)
  );
  const several = given.filter(([, text]) => isGrid && valuesIn(text).length > 1);
  const grid = Object.fromEntries(several.map(([name, text]) => [name, valuesIn(text)]));
  const single = given.filter(([name]) => !(name in grid));
  const values = Object.fromEntries(single.map(([name, text]) => [name, text.trim()]));
  const launch = { notebook: path, parameters: values };
  return several.length > 0 ? { ...launch, grid } : launch;
}

/** A default as the form shows it: texts without their quotes. */
export function shownDefault({ default: written }: INotebookParameter): string {
  return written === null ? '' : written.replace(/^(['"])(.*)\1$/s, '$2');
}
