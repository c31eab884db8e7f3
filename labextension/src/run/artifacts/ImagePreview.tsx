import React, { useCallback, useEffect, useMemo } from 'react';

import type { IPreview } from '../../api/artifacts';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';

const SVG = 'image/svg+xml';

/** A picture. */
export function ImagePreview({ file }: { file: IPreview }): React.JSX.Element {
  const { api, runId } = useRunPage();
  if (file.media_type === SVG) {
    return <Drawing path={file.path} />;
  }
  const address = api.artifacts.address(runId, file.path);
  return <img className="nbtrail-Image" src={address} alt={file.path} />;
}

/** A drawing: within an `img` its scripts are not executed, and it loads nothing. */
function Drawing({ path }: { path: string }): React.JSX.Element {
  const { api, runId } = useRunPage();
  const load = useCallback(() => api.artifacts.blob(runId, path, SVG), [api, runId, path]);
  return (
    <Loaded load={load} follows="nothing">
      {blob => <BlobImage blob={blob} name={path} />}
    </Loaded>
  );
}

function BlobImage({ blob, name }: { blob: Blob; name: string }): React.JSX.Element {
  const address = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return <img className="nbtrail-Image" src={address} alt={name} />;
}
