import React, { useCallback } from 'react';

import type { IPreview } from '../../api/artifacts';
import { useServices } from '../../common/context';
import { Loaded } from '../common/Loaded';
import { useRunPage } from '../context';
import { formatSize } from '../text';
import { FigurePreview } from './FigurePreview';
import { ImagePreview } from './ImagePreview';
import { NotebookPreview } from './NotebookPreview';
import { TablePreview } from './TablePreview';
import { HtmlPreview, JsonPreview, TextPreview } from './simple';

const VIEWS: Record<IPreview['kind'], (props: { file: IPreview }) => React.JSX.Element | null> = {
  image: ImagePreview,
  table: TablePreview,
  text: TextPreview,
  json: JsonPreview,
  plotly: FigurePreview,
  notebook: NotebookPreview,
  html: HtmlPreview,
  none: () => null
};

/** What can be shown of a file, and a way to get all of it. */
export function Preview({ path }: { path: string }): React.JSX.Element {
  const { trans } = useServices();
  const { api, runId } = useRunPage();
  const load = useCallback(() => api.artifacts.preview(runId, path), [api, runId, path]);
  return (
    <section className="nbtrail-Preview" aria-label={path} data-testid="nbtrail-preview">
      <header>
        <h2 title={path}>{path.split('/').at(-1)}</h2>
        <a className="nbtrail-Link" href={api.artifacts.address(runId, path)} download>
          {trans.__('Download')}
        </a>
      </header>
      <Loaded load={load}>{file => <Shown file={file} />}</Loaded>
    </section>
  );
}

function Shown({ file }: { file: IPreview }): React.JSX.Element {
  const { trans } = useServices();
  const View = VIEWS[file.kind] ?? VIEWS.none;
  return (
    <>
      <p className="nbtrail-Note" data-kind={file.kind}>
        {[formatSize(file.size), file.media_type, file.reason].filter(Boolean).join(' · ')}
        {file.truncated && ` · ${trans.__('only the beginning is shown')}`}
      </p>
      <View file={file} />
    </>
  );
}
