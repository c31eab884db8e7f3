/** The ways to look at a comparison. */
import type React from 'react';

import { BarsView } from './BarsView';
import { ChartsView } from './ChartsView';
import type { View } from './choice';
import { DiffView } from './DiffView';
import { ImagesView } from './ImagesView';
import { ImportanceView } from './ImportanceView';
import { ParallelView } from './ParallelView';
import { ScatterView } from './ScatterView';
import { TableView } from './TableView';

export const VIEW_COMPONENTS: Record<View, () => React.JSX.Element | null> = {
  table: TableView,
  charts: ChartsView,
  bars: BarsView,
  scatter: ScatterView,
  parallel: ParallelView,
  importance: ImportanceView,
  images: ImagesView,
  diff: DiffView
};
