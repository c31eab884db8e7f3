/** From values to places between 0 and 1, for axes of numbers and of categories. */

export interface IScale {
  /** Null: the value has no place. */
  place(value: number | string | null): number | null;
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
}

type Value = number | string | null;

const TICKS = 5;
const MOST_CATEGORIES = 20;
const DIGITS = 3;

/** A scale for what an axis has: numbers from the lowest to the highest, or names in order. */
export function scaleOf(values: readonly Value[]): IScale {
  const known = values.filter(value => value !== null);
  const numbers = known.filter(value => typeof value === 'number');
  return numbers.length === known.length ? ofNumbers(numbers) : ofNames(known.map(String));
}

function ofNumbers(numbers: readonly number[]): IScale {
  const low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const high = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const width = high - low;
  const place = (value: Value) =>
    typeof value !== 'number' ? null : width > 0 ? (value - low) / width : 0.5;
  const marks = numbers.length === 0 ? [] : width > 0 ? marksBetween(low, high) : [low];
  const text = (value: number) => String(Number(value.toPrecision(DIGITS)));
  return { place, ticks: marks.map(value => ({ place: place(value) ?? 0, text: text(value) })) };
}

function marksBetween(low: number, high: number): number[] {
  return Array.from({ length: TICKS }, (_, i) => low + ((high - low) * i) / (TICKS - 1));
}

function ofNames(names: readonly string[]): IScale {
  const order = [...new Set(names)].sort((a, b) =>
    a.localeCompare(b, undefined, { numeric: true })
  );
  const places = new Map(
    order.map((name, i) => [name, order.length > 1 ? i / (order.length - 1) : 0.5])
  );
  const each = Math.ceil(order.length / MOST_CATEGORIES);
  return {
    place: value => (value === null ? null : (places.get(String(value)) ?? null)),
    ticks: order
      .filter((_, i) => i % each === 0)
      .map(name => ({ place: places.get(name) ?? 0, text: name }))
  };
}
