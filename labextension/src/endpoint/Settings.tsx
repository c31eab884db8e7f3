import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { IConfig } from '../api/endpoints';
import { useServices } from '../common/context';
import { useAct, useEndpoint, useEndpointPage } from './context';
import { editOf, type Setting, SETTING_NAMES, textsOf } from './forms';

/** How the endpoint serves: what is changed here starts as a new revision. */
export function Settings(): React.JSX.Element {
  const { trans } = useServices();
  const { config, revision } = useEndpoint();
  return config === undefined ? (
    <p className="nbtrail-Note">{trans.__('This endpoint does not tell its settings.')}</p>
  ) : (
    <SettingsForm key={revision} config={config} />
  );
}

function SettingsForm({ config }: { config: IConfig }): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const act = useAct();
  const [texts, setTexts] = useState(() => textsOf(config));
  const [told, setTold] = useState('');
  const labels = labelsOf(trans);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const found = editOf(config, texts);
    if ('wrong' in found) {
      setTold(trans.__('“%1” wants a number.', labels[found.wrong]));
    } else if (Object.keys(found.edit).length === 0) {
      setTold(trans.__('Nothing was changed.'));
    } else if (await act(() => endpoints.change(name, found.edit))) {
      setTold(trans.__('The new revision takes over as soon as it answers.'));
    }
  };
  return (
    <form className="nbtrail-Try" data-testid="nbtrail-settings" onSubmit={e => void submit(e)}>
      {SETTING_NAMES.map(setting => (
        <label key={setting}>
          {labels[setting]}
          <input
            className="jp-mod-styled"
            name={setting}
            inputMode="decimal"
            value={texts[setting]}
            onChange={event => setTexts({ ...texts, [setting]: event.target.value })}
          />
        </label>
      ))}
      <button className="jp-mod-styled jp-mod-accept nbtrail-Small">{trans.__('Apply')}</button>
      <output>{told}</output>
    </form>
  );
}

function labelsOf(trans: TranslationBundle): Record<Setting, string> {
  return {
    workers: trans.__('Worker processes'),
    batch_size: trans.__('Rows predicted at once, at most'),
    batch_wait_ms: trans.__('Milliseconds to wait for others of a batch'),
    max_queue: trans.__('Requests that may wait'),
    deadline_s: trans.__('Seconds that a request may take'),
    max_body: trans.__('MiB that a request may send'),
    max_memory_mb: trans.__('MB that a worker may use (empty: as much as it wants)')
  };
}
