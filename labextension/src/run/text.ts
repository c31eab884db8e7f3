/** Small things about texts. */

/** The items whose text has each of the words, whatever their case. */
export function matching<T>(
  items: readonly T[],
  textOf: (item: T) => string,
  words: string
): readonly T[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) {
    return items;
  }
  return items.filter(item => {
    const text = textOf(item).toLowerCase();
    return wanted.every(word => text.includes(word));
  });
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in bytes, in the unit that suits it: `512 B`, `20.5 kB`, `2 GB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

/** Any JSON on one line, texts without quotes; null is nothing. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
