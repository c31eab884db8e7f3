import {
  fileIcon,
  folderIcon,
  html5Icon,
  imageIcon,
  jsonIcon,
  type LabIcon,
  notebookIcon,
  spreadsheetIcon,
  textEditorIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import type { FileKind, IFile } from '../../api/artifacts';
import { useServices } from '../../common/context';
import { useRunPage } from '../context';
import { formatSize } from '../text';

const ICONS: Record<FileKind, LabIcon> = {
  folder: folderIcon,
  image: imageIcon,
  table: spreadsheetIcon,
  text: textEditorIcon,
  json: jsonIcon,
  plotly: jsonIcon,
  notebook: notebookIcon,
  html: html5Icon,
  none: fileIcon
};

interface IFileListProps {
  files: readonly IFile[];
  chosen: string | null;
  onOpen: (file: IFile) => void;
}

/** Files and folders; each is a button. */
export function FileList({ files, chosen, onOpen }: IFileListProps): React.JSX.Element {
  return (
    <ul className="nbtrail-Files" data-testid="nbtrail-files">
      {files.map(file => (
        <FileRow
          key={file.path}
          file={file}
          isChosen={file.path === chosen}
          onOpen={() => onOpen(file)}
        />
      ))}
    </ul>
  );
}

interface IFileRowProps {
  file: IFile;
  isChosen: boolean;
  onOpen: () => void;
}

function FileRow({ file, isChosen, onOpen }: IFileRowProps): React.JSX.Element {
  const { trans } = useServices();
  const { go } = useRunPage();
  const { name, path, size, kind, kept, execution } = file;
  const Icon = ICONS[kind];
  return (
    <li data-path={path}>
      <button
        className="nbtrail-Artifact"
        aria-current={isChosen ? 'true' : undefined}
        disabled={!kept}
        title={kept ? path : trans.__('%1: too large to be kept, only listed', path)}
        onClick={onOpen}
      >
        <Icon.react tag="span" width="16px" height="16px" />
        <span className="nbtrail-Artifact-name">{name}</span>
        <span className="nbtrail-Faint">{size === null ? '' : formatSize(size)}</span>
      </button>
      {execution !== null && (
        <button className="nbtrail-Link" onClick={() => go('trail', execution)}>
          {trans.__('Cell')}
        </button>
      )}
    </li>
  );
}
