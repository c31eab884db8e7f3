import React, { useState } from 'react';

import type { ITarget } from '../api/endpoints';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { Facts } from '../run/common/Facts';
import { useAct, useEndpoint, useEndpointPage } from './context';
import { type ITargetText, targetsOf } from './forms';
import { sharesOf } from './shares';

/** Which share of the requests goes where, and the form that changes it. */
export function Traffic(): React.JSX.Element {
  const { trans } = useServices();
  const { config, model_uri } = useEndpoint();
  const [isOpen, setOpen] = useState(false);
  const targets = config?.targets.length ? config.targets : [{ model_uri, weight: 1 }];
  const sticky = config?.sticky ?? null;
  return (
    <Section title={trans.__('Traffic')} testId="nbtrail-traffic">
      <Facts facts={sharesOf(targets)} inWords />
      {sticky && (
        <p className="nbtrail-Hint">
          {trans.__('Requests with the same %1 go to the same version.', sticky)}
        </p>
      )}
      {isOpen ? (
        <TrafficForm {...{ targets, sticky }} close={() => setOpen(false)} />
      ) : (
        <div className="nbtrail-Actions">
          <button onClick={() => setOpen(true)}>{trans.__('Change the traffic…')}</button>
        </div>
      )}
    </Section>
  );
}

interface ITrafficFormProps {
  targets: readonly ITarget[];
  sticky: string | null;
  close(): void;
}

function TrafficForm({ targets, sticky, close }: ITrafficFormProps): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const act = useAct();
  const [rows, setRows] = useState<readonly ITargetText[]>(() =>
    targets.map(({ model_uri, weight }) => ({ model_uri, weight: String(weight) }))
  );
  const [header, setHeader] = useState(sticky ?? '');
  const [told, setTold] = useState('');
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const found = targetsOf(rows);
    if ('wrong' in found) {
      setTold(trans.__('Row %1 wants a model and its weight.', found.wrong + 1));
    } else if (await act(() => endpoints.setTraffic(name, found.targets, header.trim() || null))) {
      close();
    }
  };
  return (
    <form className="nbtrail-TrafficForm" onSubmit={event => void submit(event)}>
      {rows.map((row, i) => (
        <TargetRow
          key={i}
          number={i + 1}
          row={row}
          set={text => setRows(rows.map((one, j) => (i === j ? text : one)))}
          remove={() => setRows(rows.filter((_, j) => i !== j))}
        />
      ))}
      <label>
        {trans.__('Header whose value decides who answers (empty: by chance)')}
        <input
          className="jp-mod-styled"
          name="sticky"
          placeholder="X-User"
          value={header}
          onChange={event => setHeader(event.target.value)}
        />
      </label>
      <div className="nbtrail-Actions">
        <button
          type="button"
          onClick={() => setRows([...rows, { model_uri: 'models:/', weight: '1' }])}
        >
          {trans.__('Add a model')}
        </button>
        <button>{trans.__('Apply')}</button>
        <button type="button" onClick={close}>
          {trans.__('Cancel')}
        </button>
      </div>
      <output>{told}</output>
    </form>
  );
}

interface ITargetRowProps {
  number: number;
  row: ITargetText;
  set(row: ITargetText): void;
  remove(): void;
}

function TargetRow({ number, row, set, remove }: ITargetRowProps): React.JSX.Element {
  const { trans } = useServices();
  return (
    <div className="nbtrail-TrafficForm-row">
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Model %1', number)}
        value={row.model_uri}
        onChange={event => set({ ...row, model_uri: event.target.value })}
      />
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Weight of model %1', number)}
        inputMode="decimal"
        value={row.weight}
        onChange={event => set({ ...row, weight: event.target.value })}
      />
      <div className="nbtrail-Actions">
        <button type="button" aria-label={trans.__('Remove model %1', number)} onClick={remove}>
          ×
        </button>
      </div>
    </div>
  );
}
