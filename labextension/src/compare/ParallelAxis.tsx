import React from 'react';

import type { IScale } from '../chart/scale';
import { useServices } from '../common/context';

const REACH = 14;
const STEP = 0.05;
/** A shorter drag is a click, which chooses the whole axis. */
const SHORTEST = 0.02;

type Part = readonly [number, number];

interface IAxisProps {
  name: string;
  scale: IScale;
  x: number;
  top: number;
  bottom: number;
  part: Part | null;
  onPart(part: Part | null): void;
}

/** One axis: its name, its ticks, and the part of it that was chosen. */
export function ParallelAxis(props: IAxisProps): React.JSX.Element {
  const { name, scale, x, top, bottom, part } = props;
  const { trans } = useServices();
  const at = (place: number) => bottom - place * (bottom - top);
  return (
    <g className="nbtrail-Axis" data-axis={name}>
      <text x={x} y={top - 18} textAnchor="middle" className="nbtrail-Axis-name">
        {name}
        <title>{name}</title>
      </text>
      <line x1={x} x2={x} y1={top} y2={bottom} />
      {scale.ticks.map(({ place, text }) => (
        <text key={text} x={x + 6} y={at(place) + 4}>
          {text}
        </text>
      ))}
      {part && (
        <rect
          className="nbtrail-Axis-part"
          x={x - 6}
          width={12}
          y={at(part[1])}
          height={at(part[0]) - at(part[1])}
        />
      )}
      <rect
        className="nbtrail-Axis-reach"
        x={x - REACH}
        width={2 * REACH}
        y={top}
        height={bottom - top}
        tabIndex={0}
        role="slider"
        aria-orientation="vertical"
        aria-label={trans.__('Lowest %1 that is chosen', name)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((part?.[0] ?? 0) * 100)}
        onPointerDown={event => drag(event, props)}
        onKeyDown={event => press(event, props)}
      />
    </g>
  );
}

/** Choose from where the pointer went down to where it is. */
function drag(event: React.PointerEvent<SVGRectElement>, { onPart }: IAxisProps): void {
  const reach = event.currentTarget;
  const box = reach.getBoundingClientRect();
  const place = (y: number) => Math.min(1, Math.max(0, (box.bottom - y) / box.height));
  const start = place(event.clientY);
  reach.setPointerCapture(event.pointerId);
  reach.onpointermove = move => onPart([start, place(move.clientY)]);
  reach.onlostpointercapture = () => (reach.onpointermove = reach.onpointerup = null);
  reach.onpointerup = up => {
    if (Math.abs(place(up.clientY) - start) < SHORTEST) {
      onPart(null);
    }
  };
}

/** Arrows move the lower edge, with Shift the upper one; Escape chooses the whole axis. */
function press(event: React.KeyboardEvent, { part, onPart }: IAxisProps): void {
  const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
  const [low, high] = part ?? [0, 1];
  if (event.key === 'Escape') {
    onPart(null);
  } else if (by !== undefined) {
    event.preventDefault();
    const held = (place: number) => Math.min(1, Math.max(0, place));
    onPart(event.shiftKey ? [low, held(high + by)] : [held(low + by), high]);
  }
}
