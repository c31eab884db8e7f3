/** The values of a column as an axis takes them. */
import type { Cell } from '../api/charts';
import { numberIn } from './columns';

/** Numbers where all that there are can be read as such, else texts; null where there is none. */
export function axisValues(values: readonly Cell[]): (number | string | null)[] {
  const isMissing = (value: Cell) => value === null || value === 'NaN';
  const numbers = values.map(numberIn);
  const isNumeric = values.every((value, i) => isMissing(value) || numbers[i] !== null);
  return isNumeric ? numbers : values.map(value => (isMissing(value) ? null : String(value)));
}
