/** What the server knows of a metric as lines to draw. */
import type { IGroup, IHistory } from '../api/charts';
import type { ILine } from '../chart/lines';
import type { ILook, Looks } from '../chart/looks';
import { drawable } from '../common/format';
import type { WireNumber } from '../tokens';
import type { IChoice } from './choice';

/** One line a run, with a band where its points stand for several. */
export function lineOf(history: IHistory, name: string, look: ILook): ILine {
  const isFolded = history.count.some(count => count > 1);
  return {
    id: history.run_id,
    name,
    look,
    x: history.x.map(drawable),
    y: history.value.map(drawable),
    low: isFolded ? history.low.map(drawable) : null,
    high: isFolded ? history.high.map(drawable) : null,
    n: null
  };
}

/** The mean of a group, with the band of a choice. */
export function groupLine(group: IGroup, band: IChoice['band'], looks: Looks): ILine {
  const [low, high] = band === 'std' ? spread(group) : [group.low, group.high];
  const id = `group ${group.group}`;
  return {
    id,
    name: `${group.group ?? '–'} (n = ${group.run_ids.length})`,
    look: looks.of(id),
    x: group.x.map(drawable),
    y: group.mean.map(drawable),
    low: low.map(drawable),
    high: high.map(drawable),
    n: group.runs
  };
}

function spread({ mean, std }: IGroup): (WireNumber | null)[][] {
  const around = (sign: number) =>
    mean.map((value, i) => {
      const [middle, by] = [drawable(value), drawable(std[i])];
      return middle === null || by === null ? null : middle + sign * by;
    });
  return [around(-1), around(1)];
}
