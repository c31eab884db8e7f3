import React from 'react';

import type { IDiff } from '../api/charts';
import { useLive, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { Resource } from '../common/resource';
import { pairOf, tablesOf } from './cells';
import { useAttended, useComparePage, useComparison } from './context';
import { ChangesTable } from './ChangesTable';
import { DiffCells } from './DiffCells';
import { type Option, Select } from './Select';

/** Two runs, cell by cell. */
export function DiffView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { choice, choose, table } = useComparison();
  const pair = pairOf(choice, table);
  if (table.total === 0) {
    return null;
  }
  if (pair === null) {
    return <p className="nbtrail-Note">{trans.__('A second run is needed to compare with.')}</p>;
  }
  const [a, b] = pair;
  return (
    <>
      <div className="nbtrail-Choices">
        <RunSelect label={trans.__('From')} value={a} onChoose={id => choose({ pair: [id, b] })} />
        <RunSelect label={trans.__('to')} value={b} onChoose={id => choose({ pair: [a, id] })} />
        <button className="nbtrail-Link" onClick={() => choose({ pair: [b, a] })}>
          {trans.__('Swap')}
        </button>
      </div>
      <Diff key={`${a} ${b}`} a={a} b={b} />
    </>
  );
}

interface IRunSelectProps {
  label: string;
  value: string;
  onChoose(runId: string): void;
}

function RunSelect({ label, value, onChoose }: IRunSelectProps): React.JSX.Element {
  const { table } = useComparison();
  const names = new Map(table.runs.run_id.map((id, i) => [id, table.runs.name[i]]));
  const ids = [...new Set([value, ...names.keys()])];
  const options = ids.map((id): Option => [id, names.get(id) || id.slice(0, 8)]);
  return <Select label={label} value={value} options={options} onChoose={onChoose} />;
}

function Diff({ a, b }: { a: string; b: string }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useComparePage();
  const asked = useAttended(() => new Resource(() => model.api.diff(a, b)));
  const { data, error } = useLive(asked);
  if (error !== null) {
    return <ErrorState message={error} retry={() => asked.invalidate()} />;
  }
  return data === null ? (
    <p className="nbtrail-Note">{trans.__('Loading…')}</p>
  ) : (
    <Differences diff={data} />
  );
}

function Differences({ diff }: { diff: IDiff }): React.JSX.Element {
  const { trans } = useServices();
  const titles: Record<string, string> = {
    params: trans.__('Params'),
    metrics: trans.__('Metrics'),
    data: trans.__('Data'),
    packages: trans.__('Packages'),
    git: trans.__('Git')
  };
  return (
    <div className="nbtrail-TrailDiff" data-testid="nbtrail-diff">
      <DiffCells cells={diff.cells} />
      <aside>
        {tablesOf(diff).map(name => (
          <ChangesTable key={name} title={titles[name]} changes={diff[name] as IDiff['params']} />
        ))}
      </aside>
    </div>
  );
}
