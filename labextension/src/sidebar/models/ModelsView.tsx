import React from 'react';

import type { IModel } from '../../api/models';
import { useLive, useServices } from '../../common/context';
import { ErrorState } from '../../common/ErrorState';
import { CommandIDs } from '../../tokens';
import type { ModelsModel } from './model';
import { VersionRow } from './VersionRow';

/** The registered models, each with its versions, the newest first. */
export function ModelsView({ model }: { model: ModelsModel }): React.JSX.Element {
  const { trans } = useServices();
  const { ready, error, models } = useLive(model);
  if (error !== null) {
    return <ErrorState message={error} retry={() => model.invalidate()} />;
  }
  if (!ready) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  if (models.length === 0) {
    return (
      <p className="nbtrail-Note">
        {trans.__('No model is registered yet: choose “Register a Model…” of a run that has one.')}
      </p>
    );
  }
  return (
    <>
      {models.map(one => (
        <Model key={one.name} registered={one} model={model} />
      ))}
    </>
  );
}

interface IModelProps {
  registered: IModel;
  model: ModelsModel;
}

function Model({ registered, model }: IModelProps): React.JSX.Element {
  const { commands, trans } = useServices();
  const { name, versions, description, aliases } = registered;
  return (
    <details className="nbtrail-Model" data-testid="nbtrail-model" data-name={name}>
      <summary title={description || name}>
        <span className="nbtrail-Model-name">{name}</span>
        <span className="nbtrail-Hint">
          {trans._n('%1 version', '%1 versions', versions.length)}
          {Object.entries(aliases).map(([alias, version]) => ` · ${alias} → ${version}`)}
        </span>
      </summary>
      <div className="nbtrail-Controls">
        <button
          className="nbtrail-Link"
          aria-label={trans.__('Open the model %1', name)}
          onClick={() =>
            void commands.execute(CommandIDs.openPage, { kind: 'model', state: { name } })
          }
        >
          {trans.__('Open')}
        </button>
      </div>
      <ul>
        {[...versions].reverse().map(version => (
          <VersionRow key={version.version} version={version} model={model} />
        ))}
      </ul>
    </details>
  );
}
