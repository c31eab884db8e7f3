/** Smoothing as TensorBoard does it, with a new start after each gap. */

/**
 * An exponential moving average, corrected for its start from nothing.
 *
 * @param values null is a gap: nothing is carried across it
 * @param weight of what was before: 0 (no smoothing) to 1 (excluded)
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [sum, parts] = [0, 0];
  return values.map(value => {
    if (value === null) {
      [sum, parts] = [0, 0];
      return null;
    }
    sum = weight * sum + (1 - weight) * value;
    parts = weight * parts + (1 - weight);
    return sum / parts;
  });
}
