import React from 'react';

import { useServices } from '../common/context';
import type { IChoice } from './choice';
import { metricsOf, parted } from './columns';
import { useComparison } from './context';
import { KeyChooser } from './KeyChooser';
import { chartedMetrics } from './model';
import { Tick } from './Tick';

const STEP = 0.01;
const MOST = 0.99;

/** Which metrics, over which axis, and how they are drawn. */
export function ChartControls(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, keys } = useComparison();
  const metrics = chartedMetrics(choice, keys);
  return (
    <div className="nbtrail-Choices">
      <KeyChooser
        title={trans.__('Metrics (%1)', metrics.length)}
        label={trans.__('Find a metric')}
        all={metricsOf(keys).map(key => `metrics.${key}`)}
        chosen={metrics.map(key => `metrics.${key}`)}
        onChoose={chosen => choose({ metrics: chosen.map(column => parted(column).key) })}
        onReset={choice.metrics === null ? null : () => choose({ metrics: null })}
      />
      <AxisSelect />
      <label>
        {trans.__('Smoothing')}
        <input
          type="range"
          min={0}
          max={MOST}
          step={STEP}
          value={choice.smoothing}
          onChange={event => choose({ smoothing: Number(event.target.value) })}
        />
        <output>{choice.smoothing.toFixed(2)}</output>
      </label>
      <Tick name="log_x">{trans.__('log x')}</Tick>
      <Tick name="log_y">{trans.__('log y')}</Tick>
      <Tick name="clipped">{trans.__('Ignore outliers')}</Tick>
      <Grouping />
      {choice.range !== null && (
        <button className="nbtrail-Link" onClick={() => choose({ range: null })}>
          {trans.__('Show the whole axis')}
        </button>
      )}
    </div>
  );
}

function AxisSelect(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, keys } = useComparison();
  return (
    <label>
      {trans.__('Over')}
      <select
        className="nbtrail-Choice"
        value={choice.x}
        onChange={event => choose({ x: event.target.value, range: null })}
      >
        <option value="step">{trans.__('step')}</option>
        <option value="relative">{trans.__('time since the start')}</option>
        <option value="time">{trans.__('wall clock')}</option>
        <optgroup label={trans.__('metrics')}>
          {metricsOf(keys).map(key => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

/** One line a group: by what, and what the band around the mean is. */
function Grouping(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, keys } = useComparison();
  const { grouped, group_by, band } = choice;
  const chooseGroup = (column: string) =>
    choose({ grouped: column !== '', group_by: column || group_by, range: null });
  return (
    <>
      <label>
        {trans.__('Mean by')}
        <select
          className="nbtrail-Choice"
          value={grouped && group_by ? group_by : ''}
          onChange={event => chooseGroup(event.target.value)}
        >
          <option value="">{trans.__('no group')}</option>
          {keys.params.map(({ key }) => (
            <option key={key} value={`params.${key}`}>
              {key}
            </option>
          ))}
          <option value="attributes.status">{trans.__('status')}</option>
        </select>
      </label>
      {grouped && (
        <label>
          {trans.__('Band')}
          <select
            className="nbtrail-Choice"
            value={band}
            onChange={event => choose({ band: event.target.value as IChoice['band'] })}
          >
            <option value="std">{trans.__('one standard deviation')}</option>
            <option value="range">{trans.__('lowest to highest')}</option>
          </select>
        </label>
      )}
    </>
  );
}
