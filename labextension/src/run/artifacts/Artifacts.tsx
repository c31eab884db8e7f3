import React, { useCallback, useState } from 'react';

import type { IFile } from '../../api/artifacts';
import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { FileList } from './FileList';
import { folderOf, stepsTo } from './paths';
import { Preview } from './Preview';

/** The run's files, a folder at a time, with a preview of the chosen one beside them. */
export function Artifacts(): React.JSX.Element {
  const { place, go } = useRunPage();
  const chosen = place.item;
  const [folder, setFolder] = useState(chosen === null ? '' : folderOf(chosen));
  return (
    <div className="nbtrail-Artifacts">
      <div>
        <Steps folder={folder} onOpen={setFolder} />
        <Folder
          key={folder}
          folder={folder}
          chosen={chosen}
          onOpen={file => (file.is_dir ? setFolder(file.path) : go('artifacts', file.path))}
        />
      </div>
      {chosen !== null && <Preview key={chosen} path={chosen} />}
    </div>
  );
}

interface IFolderProps {
  folder: string;
  chosen: string | null;
  onOpen: (file: IFile) => void;
}

function Folder({ folder, chosen, onOpen }: IFolderProps): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(() => api.artifacts.folder(runId, folder), [api, runId, folder]);
  return (
    <Loaded load={load}>
      {({ files, truncated }) => (
        <>
          {files.length === 0 && (
            <p className="nbtrail-Note">
              {folder === ''
                ? trans.__('This run has no files.')
                : trans.__('This folder is empty.')}
            </p>
          )}
          {files.length > 0 && <FileList files={files} chosen={chosen} onOpen={onOpen} />}
          {truncated && (
            <p className="nbtrail-Note">{trans.__('There are more files than are listed here.')}</p>
          )}
        </>
      )}
    </Loaded>
  );
}

interface IStepsProps {
  folder: string;
  onOpen: (folder: string) => void;
}

/** The folders from the top to the one that is shown. */
function Steps({ folder, onOpen }: IStepsProps): React.JSX.Element | null {
  const { trans } = useServices();
  if (folder === '') {
    return null;
  }
  return (
    <nav className="nbtrail-Steps" aria-label={trans.__('Folders')}>
      <button className="nbtrail-Link" onClick={() => onOpen('')}>
        {trans.__('Files')}
      </button>
      {stepsTo(folder).map(({ name, path }) => (
        <React.Fragment key={path}>
          /
          <button
            className="nbtrail-Link"
            aria-current={path === folder ? 'location' : undefined}
            onClick={() => onOpen(path)}
          >
            {name}
          </button>
        </React.Fragment>
      ))}
    </nav>
  );
}
