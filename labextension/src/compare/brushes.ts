/** The parts of the axes that were chosen, and which runs lie within all of them. */

/** From and to, between 0 (bottom) and 1; by the number of the axis. */
export type Brushes = ReadonlyMap<number, readonly [number, number]>;

/** Brushes with another part of one axis; null for the whole axis. */
export function brushed(
  brushes: Brushes,
  axis: number,
  part: readonly [number, number] | null
): Brushes {
  const others = new Map(brushes);
  others.delete(axis);
  return part === null ? others : others.set(axis, [Math.min(...part), Math.max(...part)]);
}

/** Whether a run, by its place on each axis, lies within all that was chosen. */
export function isWithin(places: readonly (number | null)[], brushes: Brushes): boolean {
  return [...brushes].every(([axis, [low, high]]) => {
    const place = places[axis];
    return place !== null && place >= low && place <= high;
  });
}

/** A line through the places; it ends where there is none and begins anew after it. */
export function pathOf(
  places: readonly (number | null)[],
  at: (axis: number, place: number) => readonly [number, number]
): string {
  let isOpen = false;
  const parts = places.map((place, axis) => {
    const letter = isOpen ? 'L' : 'M';
    isOpen = place !== null;
    return place === null
      ? ''
      : letter +
          at(axis, place)
            .map(value => value.toFixed(1))
            .join(',');
  });
  return parts.join('');
}
