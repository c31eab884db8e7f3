import { Time } from '@jupyterlab/coreutils';
import React, { useCallback, useState } from 'react';

import type { IVersionRecord, RunMetrics } from '../api/registry';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { exactNumber, formatNumber } from '../common/format';
import { useModel, useModelPage } from './context';
import { VersionActions } from './VersionActions';
import { columnsOf, runsOf, ticked } from './versions';

/** So many of the newest versions' runs are asked for their metrics. */
const MOST_RUNS = 50;
const MOST_METRICS = 3;

/** The versions, the newest first; two that are ticked can be compared. */
export function Versions(): React.JSX.Element {
  const { trans } = useServices();
  const { registry } = useModelPage();
  const { versions } = useModel();
  const runs = runsOf(versions, MOST_RUNS).join(' ');
  const load = useCallback(
    () => registry.metrics(runs.split(' ').filter(Boolean)),
    [registry, runs]
  );
  if (versions.length === 0) {
    return <p className="nbtrail-Note">{trans.__('It has no version.')}</p>;
  }
  return <Asked load={load}>{metrics => <Table metrics={metrics} />}</Asked>;
}

function Table({ metrics }: { metrics: RunMetrics }): React.JSX.Element {
  const { trans } = useServices();
  const { go } = useModelPage();
  const { versions } = useModel();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const columns = columnsOf(metrics, MOST_METRICS);
  const [left, right] = [...chosen].sort((a, b) => Number(a) - Number(b));
  const words = [trans.__('Version'), trans.__('Aliases'), trans.__('Stage'), trans.__('Run')];
  const heads = [...words, trans.__('Flavor'), ...columns, trans.__('Created'), ''];
  return (
    <>
      <div className="nbtrail-Actions">
        <button
          disabled={right === undefined}
          onClick={() => go({ tab: 'compare', version: left, other: right })}
        >
          {trans.__('Compare two versions')}
        </button>
        <span className="nbtrail-Faint">{trans.__('%1 of 2 ticked', chosen.length)}</span>
      </div>
      <div className="nbtrail-Scroll" role="group" tabIndex={0} aria-label={trans.__('Versions')}>
        <table className="nbtrail-Facts nbtrail-Versions">
          <thead>
            <tr>
              {heads.map((head, i) => (
                <th key={i} scope="col">
                  {head || <span className="nbtrail-Hidden">{trans.__('Actions')}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...versions].reverse().map(version => (
              <Row
                key={version.version}
                {...{ version, columns, metrics }}
                isChosen={chosen.includes(version.version)}
                onChoose={() => setChosen(ticked(chosen, version.version))}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface IRowProps {
  version: IVersionRecord;
  columns: readonly string[];
  metrics: RunMetrics;
  isChosen: boolean;
  onChoose(): void;
}

function Row({ version, columns, metrics, isChosen, onChoose }: IRowProps): React.JSX.Element {
  const { trans } = useServices();
  const { version: number, run_id, flavor, algorithm, stage, creation_timestamp } = version;
  const own = metrics.get(run_id ?? '') ?? [];
  const created = new Date(creation_timestamp);
  return (
    <tr data-testid="nbtrail-version-row" data-version={number}>
      <th scope="row">
        <label>
          <input
            type="checkbox"
            checked={isChosen}
            onChange={onChoose}
            aria-label={trans.__('Compare version %1', number)}
          />{' '}
          {number}
        </label>
      </th>
      <td>{version.aliases.join(', ')}</td>
      <td>{stage === 'None' ? '' : stage}</td>
      <td>
        <SourceRun version={version} />
      </td>
      <td>{[flavor, algorithm].filter(Boolean).join(' · ')}</td>
      {columns.map(key => {
        const value = own.find(metric => metric.key === key)?.value;
        return (
          <td key={key} title={value === undefined ? '' : exactNumber(value)}>
            {value === undefined ? '' : formatNumber(value)}
          </td>
        );
      })}
      <td>
        <time dateTime={created.toISOString()} title={Time.format(created)}>
          {Time.formatHuman(created, 'short')}
        </time>
      </td>
      <td>
        <VersionActions version={version} />
      </td>
    </tr>
  );
}

function SourceRun({ version }: { version: IVersionRecord }): React.JSX.Element | null {
  const { open } = useModelPage();
  const { run_id, run_name } = version;
  return run_id === null ? null : (
    <button className="nbtrail-Link" onClick={() => open('run', { run_id })}>
      {run_name || run_id.slice(0, 8)}
    </button>
  );
}
