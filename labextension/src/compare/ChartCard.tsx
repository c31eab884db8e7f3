import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useMemo, useRef, useState } from 'react';

import { Figure } from '../chart/Figure';
import type { Hovers } from '../chart/hovers';
import { barsOf, figureOf, type IFigure, type ILine, isSingle } from '../chart/lines';
import { LinesTable } from '../chart/LinesTable';
import { useLive, useServices } from '../common/context';
import { useSight } from '../common/sight';
import type { ChartsModel } from './charts';
import type { IChoice } from './choice';
import { useComparison, useDrawnRuns } from './context';
import { groupLine, lineOf } from './lines';

interface IChartCardProps {
  metric: string;
  charts: ChartsModel;
  hovers: Hovers;
}

/** One metric of all drawn runs; it is drawn, and followed, while it is in sight. */
export function ChartCard({ metric, charts, hovers }: IChartCardProps): React.JSX.Element {
  const { trans } = useServices();
  const { choice } = useComparison();
  const card = useRef<HTMLElement>(null);
  const [isTable, setTable] = useState(false);
  const isSeen = useSight(card);
  useEffect(() => (isSeen ? charts.follow(metric) : undefined), [isSeen, charts, metric]);
  const lines = useLines(metric, charts);
  const title = axisTitle(choice.x, trans);
  return (
    <section ref={card} className="nbtrail-ChartCard" aria-label={metric} data-metric={metric}>
      <header>
        <h3 title={metric}>{metric}</h3>
        <button className="nbtrail-Link" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? trans.__('Chart') : trans.__('Table')}
        </button>
      </header>
      <div className="nbtrail-ChartCard-body">
        {isSeen && isTable && <LinesTable lines={lines} axis={title} />}
        {isSeen && !isTable && <Chart metric={metric} lines={lines} hovers={hovers} />}
      </div>
    </section>
  );
}

interface IChartProps {
  metric: string;
  lines: readonly ILine[];
  hovers: Hovers;
}

function Chart({ metric, lines, hovers }: IChartProps): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose } = useComparison();
  const figure = useMemo(() => figureFor(lines, choice, trans), [lines, choice, trans]);
  return (
    <>
      <Figure
        data={figure.data}
        layout={figure.layout}
        label={trans.__('%1 of %2 runs or groups', metric, lines.length)}
        hovers={hovers}
        onZoom={range => choose({ range })}
      />
      <LeftOut figure={figure} />
    </>
  );
}

/** What the axes do not show. */
function LeftOut({ figure: { dropped, beyond } }: { figure: IFigure }): React.JSX.Element | null {
  const { trans } = useServices();
  const parts = [
    dropped > 0 && trans._n('%1 point not above 0', '%1 points not above 0', dropped),
    beyond > 0 && trans._n('%1 outlier', '%1 outliers', beyond)
  ].filter(part => part !== false);
  return parts.length === 0 ? null : (
    <p className="nbtrail-Hint nbtrail-LeftOut">{trans.__('Not shown: %1', parts.join(', '))}</p>
  );
}

/** The lines of a metric: of runs, or of groups of them. */
function useLines(metric: string, charts: ChartsModel): ILine[] {
  const { looks } = useServices();
  const { choice } = useComparison();
  const { histories, groups } = useLive(charts);
  const runs = useDrawnRuns();
  const [own, grouped] = [histories.get(metric), groups.get(metric)];
  const { band } = choice;
  const isGrouped = choice.grouped && choice.group_by !== null;
  return useMemo(() => {
    if (isGrouped) {
      return (grouped ?? []).map(group => groupLine(group, band, looks));
    }
    return runs.flatMap(({ runId, name, look }) => {
      const history = own?.get(runId);
      return history ? [lineOf(history, name, look)] : [];
    });
  }, [isGrouped, own, grouped, runs, band, looks]);
}

function figureFor(lines: readonly ILine[], choice: IChoice, trans: TranslationBundle): IFigure {
  const { smoothing, log_x, log_y, clipped, range, x } = choice;
  if (isSingle(lines) && range === null) {
    return barsOf(lines);
  }
  const isTime = x === 'time';
  const axes = { logX: log_x && !isTime, logY: log_y, isTime, title: axisTitle(x, trans) };
  return figureOf(lines, { smoothing, clipped, range, ...axes });
}

function axisTitle(x: string, trans: TranslationBundle): string {
  const known: Record<string, string> = {
    step: trans.__('step'),
    relative: trans.__('seconds since the start'),
    time: trans.__('time')
  };
  return known[x] ?? x;
}
