/** What the table of a model's versions shows of them. Knows no DOM. */
import type { IVersionRecord, RunMetrics } from '../api/registry';

/** Metrics of the machine say nothing of a model. */
const OF_MACHINE = 'system/';

/** The first metrics that most of the source runs have, in the order of how many have them. */
export function columnsOf(metrics: RunMetrics, most: number): string[] {
  const counts = new Map<string, number>();
  for (const { key } of [...metrics.values()].flat()) {
    if (!key.startsWith(OF_MACHINE)) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  return ordered.slice(0, most).map(([key]) => key);
}

/** The runs that versions come from, each once; the newest versions' first. */
export function runsOf(versions: readonly IVersionRecord[], most: number): string[] {
  const ids = [...versions].reverse().flatMap(({ run_id }) => (run_id === null ? [] : [run_id]));
  return [...new Set(ids)].slice(0, most);
}

/** What is ticked after a click: two at most, of which the older choice goes. */
export function ticked(chosen: readonly string[], version: string): string[] {
  return chosen.includes(version)
    ? chosen.filter(one => one !== version)
    : [...chosen, version].slice(-2);
}
