/** Which share of the requests goes to which model. Knows no DOM. */
import type { ITarget } from '../api/endpoints';

/** Each model with its share in percent, whatever the weights add up to. */
export function sharesOf(targets: readonly ITarget[]): [string, string][] {
  const sum = targets.reduce((total, { weight }) => total + weight, 0);
  return targets.map(({ model_uri, weight }) => {
    const percent = sum > 0 ? (100 * weight) / sum : 0;
    return [model_uri, `${Number(percent.toFixed(1))} %`];
  });
}
