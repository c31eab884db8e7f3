/** What axes leave out: what a logarithm cannot show, and what lies far off. */

/** The part of the values, at each end, that counts as outliers. */
const FAR_OFF = 0.02;
const FEWEST = 10;
const MARGIN = 0.05;

/** How many of the values a logarithmic axis cannot show. */
export function notAboveZero(values: readonly (number | null)[]): number {
  return values.filter(value => value !== null && value <= 0).length;
}

/**
 * The range of an axis without outliers: from the 2nd to the 98th percentile, with a margin.
 *
 * @returns null where there are too few values, or nothing but one
 */
export function withoutOutliers(values: readonly (number | null)[]): [number, number] | null {
  const known = values.filter(value => value !== null).sort((a, b) => a - b);
  if (known.length < FEWEST) {
    return null;
  }
  const at = (part: number) => known[Math.round(part * (known.length - 1))];
  const [low, high] = [at(FAR_OFF), at(1 - FAR_OFF)];
  const margin = (high - low) * MARGIN;
  return margin > 0 ? [low - margin, high + margin] : null;
}

/** How many of the values a range leaves out. */
export function outside(
  values: readonly (number | null)[],
  [low, high]: readonly [number, number]
): number {
  return values.filter(value => value !== null && (value < low || value > high)).length;
}

/** The place of the value that is nearest to `x` in an axis that rises; -1 where it is empty. */
export function nearest(axis: readonly (number | null)[], x: number): number {
  let best = -1;
  let distance = Infinity;
  axis.forEach((value, i) => {
    const away = value === null ? Infinity : Math.abs(value - x);
    if (away < distance) {
      [best, distance] = [i, away];
    }
  });
  return best;
}
