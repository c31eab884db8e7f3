/** The files of a run, and what can be shown of them. */
import type { Client } from './client';

export type FileKind =
  'image' | 'table' | 'text' | 'json' | 'plotly' | 'notebook' | 'html' | 'folder' | 'none';

export interface IFile {
  path: string;
  name: string;
  is_dir: boolean;
  /** In bytes; null for a folder. */
  size: number | null;
  kind: FileKind;
  /** False: only listed, too large to be kept. */
  kept: boolean;
  /** The cell execution that made it. */
  execution: number | null;
}

export interface IFolder {
  path: string;
  files: IFile[];
  truncated: boolean;
}

/** What a file turned out to be, by its content. */
export interface IPreview {
  path: string;
  kind: Exclude<FileKind, 'folder'>;
  size: number;
  media_type: string | null;
  truncated: boolean;
  text: string | null;
  columns: string[] | null;
  rows: (string | null)[][] | null;
  total: number | null;
  /** Why nothing can be shown. */
  reason: string | null;
}

export class ArtifactsApi {
  constructor(private readonly client: Client) {}

  folder(runId: string, path: string): Promise<IFolder> {
    return this.client.get<IFolder>(at(runId), { path: path || null });
  }

  preview(runId: string, path: string): Promise<IPreview> {
    return this.client.get<IPreview>(`${at(runId)}/preview`, { path });
  }

  blob(runId: string, path: string, mediaType: string): Promise<Blob> {
    return this.client.blob(`${at(runId)}/content`, { path }, mediaType);
  }

  /** The address of a file's bytes, for an image or a download. */
  address(runId: string, path: string): string {
    return this.client.url(`${at(runId)}/content`, { path });
  }
}

function at(runId: string): string {
  return `runs/${encodeURIComponent(runId)}/artifacts`;
}
