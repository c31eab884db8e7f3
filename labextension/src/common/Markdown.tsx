import { type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import React, { useCallback } from 'react';

import { Mounted } from './Mounted';

const MARKDOWN = 'text/markdown';

interface IMarkdownProps {
  rendermime: IRenderMimeRegistry;
  text: string;
}

/** A text in Markdown, sanitised by JupyterLab. */
export function Markdown({ rendermime, text }: IMarkdownProps): React.JSX.Element {
  const make = useCallback((): Widget => {
    const renderer = rendermime.createRenderer(MARKDOWN);
    void renderer.renderModel(new MimeModel({ data: { [MARKDOWN]: text }, trusted: false }));
    return renderer as unknown as Widget;
  }, [rendermime, text]);
  return <Mounted make={make} className="nbtrail-Markdown" />;
}
