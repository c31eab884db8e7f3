import React from 'react';

import { useServices } from '../common/context';
import type { IChoice } from './choice';
import { metricsOf, parted } from './columns';
import { useComparison } from './context';
import { KeyChooser } from './KeyChooser';
import { chartedMetrics } from './model';
import { type Option, Options, Select } from './Select';
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
    <Select
      label={trans.__('Over')}
      value={choice.x}
      options={[
        ['step', trans.__('step')],
        ['relative', trans.__('time since the start')],
        ['time', trans.__('wall clock')]
      ]}
      onChoose={x => choose({ x, range: null })}
    >
      <optgroup label={trans.__('metrics')}>
        <Options options={metricsOf(keys).map((key): Option => [key, key])} />
      </optgroup>
    </Select>
  );
}

/** One line a group: by what, and what the band around the mean is. */
function Grouping(): React.JSX.Element {
  const { trans } = useServices();
  const { choice, choose, keys } = useComparison();
  const { grouped, group_by, band } = choice;
  return (
    <>
      <Select
        label={trans.__('Mean by')}
        value={grouped && group_by ? group_by : ''}
        options={[
          ['', trans.__('no group')],
          ...keys.params.map(({ key }): Option => [`params.${key}`, key]),
          ['attributes.status', trans.__('status')]
        ]}
        onChoose={column =>
          choose({ grouped: column !== '', group_by: column || group_by, range: null })
        }
      />
      {grouped && (
        <Select
          label={trans.__('Band')}
          value={band}
          options={[
            ['std', trans.__('one standard deviation')],
            ['range', trans.__('lowest to highest')]
          ]}
          onChoose={chosen => choose({ band: chosen as IChoice['band'] })}
        />
      )}
    </>
  );
}
