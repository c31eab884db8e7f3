import React, { useCallback } from 'react';

import type { IModelVersion } from '../../api/run';
import { Section } from '../../common/Section';
import { useServices } from '../../common/context';
import { CommandIDs } from '../../tokens';
import { Facts } from '../common/Facts';
import { Loaded } from '../common/Loaded';
import { useRun, useRunPage } from '../context';

/** The models that the run has logged, each with the versions that it became. */
export function Models(): React.JSX.Element {
  const { trans } = useServices();
  const { models } = useRun();
  return (
    <Section title={trans.__('Models')} testId="nbtrail-run-models">
      {models.length === 0 ? (
        <p className="nbtrail-Note">{trans.__('No model was logged.')}</p>
      ) : (
        <LoggedModels />
      )}
    </Section>
  );
}

function LoggedModels(): React.JSX.Element {
  const { commands, trans } = useServices();
  const { api, runId } = useRunPage();
  const { models } = useRun();
  const load = useCallback(
    async () => (await api.run.models()).flatMap(model => model.versions),
    [api]
  );
  return (
    <Loaded load={load} follows="store">
      {versions => (
        <>
          {models.map(({ model_id, step }) => (
            <article key={model_id} className="nbtrail-Part" aria-label={model_id}>
              <header>
                <h3>
                  <code>{model_id}</code>
                </h3>
                {step > 0 && <span className="nbtrail-Faint">{trans.__('step %1', step)}</span>}
              </header>
              <Versions versions={versions.filter(version => version.model_id === model_id)} />
            </article>
          ))}
          <button
            className="jp-Button jp-mod-styled jp-mod-minimal"
            onClick={() => void commands.execute(CommandIDs.registerModel, { run_id: runId })}
          >
            {commands.label(CommandIDs.registerModel)}
          </button>
        </>
      )}
    </Loaded>
  );
}

function Versions({ versions }: { versions: IModelVersion[] }): React.JSX.Element {
  const { trans } = useServices();
  if (versions.length === 0) {
    return <p className="nbtrail-Note">{trans.__('Not registered.')}</p>;
  }
  const facts = versions.map(({ name, version, stage, aliases, flavor }): [string, string] => [
    trans.__('%1, version %2', name, version),
    [flavor, stage === 'None' ? null : stage, ...aliases].filter(Boolean).join(' · ')
  ]);
  return <Facts facts={facts} inWords />;
}
