/** What the components of a comparison share. */
import { createContext, useContext, useEffect, useMemo, useState } from 'react';

import type { ArtifactsApi } from '../api/artifacts';
import type { ITable } from '../api/charts';
import type { ILook, Looks } from '../chart/looks';
import { useLive, useServices } from '../common/context';
import type { ILive, ILiveState } from '../common/live';
import type { IChoice } from './choice';
import { type CompareModel, drawnRows, type ICompareState } from './model';

export interface IComparePage {
  readonly model: CompareModel;
  readonly artifacts: ArtifactsApi;
  openRun(runId: string): void;
}

export const CompareContext = createContext<IComparePage | null>(null);

export function useComparePage(): IComparePage {
  const page = useContext(CompareContext);
  if (page === null) {
    throw new Error('This component belongs inside a CompareContext.');
  }
  return page;
}

export interface IComparison extends ICompareState {
  readonly table: ITable;
  choose(change: Partial<IChoice>): void;
}

/** The comparison; only below `CompareView`, which waits for the runs. */
export function useComparison(): IComparison {
  const { model } = useComparePage();
  const state = useLive(model);
  if (state.table === null) {
    throw new Error('This component is drawn when the runs are known.');
  }
  return { ...state, table: state.table, choose: change => model.choose(change) };
}

/** A run that is drawn: its row in the table, and how it looks. */
export interface IDrawnRun {
  readonly row: number;
  readonly runId: string;
  readonly name: string;
  readonly look: ILook;
}

/** The runs that are drawn. */
export function useDrawnRuns(): IDrawnRun[] {
  const { looks } = useServices();
  const { choice, table } = useComparison();
  return useMemo(
    () => drawnRows({ choice, table }).map(row => runAt(table, row, looks)),
    [choice, table, looks]
  );
}

export function runAt({ runs }: ITable, row: number, looks: Looks): IDrawnRun {
  const runId = runs.run_id[row];
  return { row, runId, name: runs.name[row] || runId.slice(0, 8), look: looks.of(runId) };
}

/** A model of one view, awake while the view is mounted and the page in sight. */
export function useAttended<S extends ILiveState, M extends ILive<S>>(make: () => M): M {
  const { model } = useComparePage();
  const [own] = useState(make);
  useEffect(() => model.attend(own), [model, own]);
  return own;
}
