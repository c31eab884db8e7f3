/** Numbers and durations as the panel writes them. */
import { Time } from '@jupyterlab/coreutils';

import type { WireNumber } from '../tokens';

const DIGITS = 4;

/** Four significant digits: enough to compare by, short enough for a sidebar. */
export function formatNumber(value: WireNumber | null): string {
  if (value === null) {
    return 'NaN';
  }
  if (typeof value === 'string') {
    return value.replace('Infinity', '∞');
  }
  if (Number.isInteger(value) && Math.abs(value) < 1e7) {
    return String(value);
  }
  return String(Number(value.toPrecision(DIGITS)));
}

/** The full number, for a tooltip. */
export function exactNumber(value: WireNumber | null): string {
  return value === null ? 'NaN' : String(value);
}

/** Milliseconds in the units that matter: `17 ms`, `8.5 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) {
    return `${milliseconds} ms`;
  }
  const seconds = milliseconds / 1000;
  if (seconds < 10) {
    return `${Number(seconds.toFixed(1))} s`;
  }
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** “3 min. ago”; the clock of the server may be a little ahead of the browser's. */
export function relativeTime(milliseconds: number): string {
  return Time.formatHuman(new Date(Math.min(milliseconds, Date.now())), 'short');
}

/** A time in full. The formatter is made once: that takes as long as a hundred times. */
export function fullTime(milliseconds: number): string {
  inFull ??= new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return inFull.format(milliseconds);
}

let inFull: Intl.DateTimeFormat | undefined;

/** A number as plotly can draw it; NaN and infinities become gaps. */
export function drawable(value: WireNumber | null): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
