import React, { useMemo, useRef, useState } from 'react';

import type { Cell } from '../api/charts';
import { type IScale, scaleOf } from '../chart/scale';
import { useServices } from '../common/context';
import { type Brushes, brushed, isWithin, pathOf } from './brushes';
import { parted } from './columns';
import type { IDrawnRun } from './context';
import { ParallelAxis } from './ParallelAxis';
import { axisValues } from './values';

/** In the units of the drawing. */
const SPACING = 160;
const HEIGHT = 420;
const MARGIN = { x: 70, top: 40, bottom: 16 };

interface ITrack {
  run: IDrawnRun;
  places: (number | null)[];
}

export interface IParallelProps {
  /** Columns of the table. */
  axes: readonly string[];
  columns: Readonly<Record<string, readonly Cell[]>>;
  runs: readonly IDrawnRun[];
  onOpen(runId: string): void;
}

/** The drawing: lines behind, axes before them. */
export function Parallel(props: IParallelProps): React.JSX.Element {
  const { axes, onOpen } = props;
  const { trans } = useServices();
  const [brushes, setBrushes] = useState<Brushes>(new Map());
  const svg = useRef<SVGSVGElement>(null);
  const { scales, tracks } = useTracks(props);
  const width = (axes.length - 1) * SPACING + 2 * MARGIN.x;
  const within = tracks.filter(({ places }) => isWithin(places, brushes)).length;
  return (
    <>
      <p className="nbtrail-Hint" role="status">
        {brushes.size > 0
          ? trans.__('%1 of %2 runs lie within what was chosen.', within, tracks.length)
          : trans.__('Drag along an axis, or use its arrow keys, to choose a part of it.')}{' '}
        {brushes.size > 0 && (
          <button className="nbtrail-Link" onClick={() => setBrushes(new Map())}>
            {trans.__('Choose all')}
          </button>
        )}
      </p>
      <svg
        ref={svg}
        className="nbtrail-Parallel"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        style={{ minWidth: axes.length * 110 }}
        role="group"
        aria-label={trans.__('Parallel coordinates of %1 runs', tracks.length)}
        data-within={within}
      >
        <Tracks tracks={tracks} brushes={brushes} onOpen={onOpen} />
        {axes.map((column, i) => (
          <ParallelAxis
            key={column}
            name={parted(column).key}
            scale={scales[i]}
            x={MARGIN.x + i * SPACING}
            top={MARGIN.top}
            bottom={HEIGHT - MARGIN.bottom}
            part={brushes.get(i) ?? null}
            onPart={part => setBrushes(known => brushed(known, i, part))}
          />
        ))}
      </svg>
    </>
  );
}

function useTracks(props: IParallelProps): { scales: IScale[]; tracks: ITrack[] } {
  const { axes, columns, runs } = props;
  return useMemo(() => {
    const values = axes.map(column => axisValues(columns[column] ?? []));
    const scales = values.map(scaleOf);
    const placesOf = (row: number) => scales.map((scale, i) => scale.place(values[i][row] ?? null));
    return { scales, tracks: runs.map(run => ({ run, places: placesOf(run.row) })) };
  }, [axes, columns, runs]);
}

interface ITracksProps {
  tracks: readonly ITrack[];
  brushes: Brushes;
  onOpen(runId: string): void;
}

/** The grey ones first, so that those within are seen. */
function Tracks({ tracks, brushes, onOpen }: ITracksProps): React.JSX.Element {
  const isIn = (track: ITrack) => isWithin(track.places, brushes);
  const ordered = [...tracks.filter(track => !isIn(track)), ...tracks.filter(isIn)];
  const at = (axis: number, place: number) =>
    [
      MARGIN.x + axis * SPACING,
      HEIGHT - MARGIN.bottom - place * (HEIGHT - MARGIN.top - MARGIN.bottom)
    ] as const;
  return (
    <g fill="none">
      {ordered.map(track => (
        <path
          key={track.run.runId}
          d={pathOf(track.places, at)}
          data-within={isIn(track)}
          stroke={isIn(track) ? track.run.look.color : undefined}
          onClick={() => onOpen(track.run.runId)}
        >
          <title>{track.run.name}</title>
        </path>
      ))}
    </g>
  );
}
