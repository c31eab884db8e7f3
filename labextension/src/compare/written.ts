/** Values of the table in words. */
import type { Cell } from '../api/charts';
import { exactNumber, formatDuration, formatNumber, relativeTime } from '../common/format';
import type { WireNumber } from '../tokens';
import { parted } from './columns';

export interface IWritten {
  text: string;
  /** In full, for a tooltip. */
  exact: string;
}

/** What a cell of a column says. */
export function written(column: string, value: Cell): IWritten {
  const { kind, key } = parted(column);
  return kind === 'attributes' ? attribute(key, value) : plain(kind, value);
}

function plain(kind: string, value: Cell): IWritten {
  if (value === null) {
    return { text: '–', exact: '' };
  }
  const isMetric = kind === 'metrics' || typeof value === 'number';
  const text = isMetric ? formatNumber(value as WireNumber) : String(value);
  return { text, exact: isMetric ? exactNumber(value as WireNumber) : String(value) };
}

function attribute(name: string, value: Cell): IWritten {
  if (name === 'duration' && typeof value === 'number') {
    return { text: formatDuration(Math.round(value * 1000)), exact: `${value} s` };
  }
  if (name === 'start_time' && typeof value === 'number') {
    return { text: relativeTime(value), exact: new Date(value).toLocaleString() };
  }
  return plain('attributes', value);
}
