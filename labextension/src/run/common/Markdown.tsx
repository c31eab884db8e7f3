import { MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import React, { useCallback } from 'react';

import { useRunPage } from '../context';
import { Mounted } from './Mounted';

const MARKDOWN = 'text/markdown';

/** A text in Markdown, sanitised by JupyterLab. */
export function Markdown({ text }: { text: string }): React.JSX.Element {
  const { rendermime } = useRunPage().tools;
  const make = useCallback((): Widget => {
    const renderer = rendermime.createRenderer(MARKDOWN);
    void renderer.renderModel(new MimeModel({ data: { [MARKDOWN]: text }, trusted: false }));
    return renderer as unknown as Widget;
  }, [rendermime, text]);
  return <Mounted make={make} className="nbtrail-Markdown" />;
}
