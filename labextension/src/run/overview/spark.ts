/** A curve as a path in a small box. */

/** Room for half of the line's width. */
const EDGE = 2;

/** The path of a curve; a gap where there is no value, a level line where all are equal. */
export function sparkPath(
  x: readonly number[],
  y: readonly (number | null)[],
  width: number,
  height: number
): string {
  const across = scale(x, width);
  const up = scale(
    y.filter(value => value !== null),
    height
  );
  let isInLine = false;
  const parts = y.map((value, i) => {
    if (value === null) {
      isInLine = false;
      return '';
    }
    const command = isInLine ? 'L' : 'M';
    isInLine = true;
    return `${command}${round(across(x[i]))} ${round(height - up(value))}`;
  });
  return parts.join('');
}

function scale(values: readonly number[], length: number): (value: number) => number {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = length - 2 * EDGE;
  return value => (high > low ? EDGE + ((value - low) / (high - low)) * room : length / 2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
