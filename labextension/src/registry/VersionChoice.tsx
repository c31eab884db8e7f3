import React from 'react';

import { useServices } from '../common/context';
import { Select } from '../compare/Select';
import { useModel, useModelPage, useVersion } from './context';

/** Which version a tab is about. */
export function VersionChoice(): React.JSX.Element | null {
  const { trans } = useServices();
  const { go } = useModelPage();
  const { versions } = useModel();
  const chosen = useVersion();
  return chosen === null ? null : (
    <div className="nbtrail-Sentence">
      <Select
        label={trans.__('Version')}
        value={chosen.version}
        options={[...versions].reverse().map(({ version }) => [version, version] as const)}
        onChoose={version => go({ version })}
      />
    </div>
  );
}
