import React from 'react';

import type { IPreview } from '../../api/artifacts';
import { useServices } from '../../common/context';
import { framed, indented } from './documents';

interface IFileProps {
  file: IPreview;
}

export function TextPreview({ file }: IFileProps): React.JSX.Element {
  return (
    <pre className="nbtrail-Text" tabIndex={0}>
      {file.text}
    </pre>
  );
}

export function JsonPreview({ file }: IFileProps): React.JSX.Element {
  const text = file.text ?? '';
  return (
    <pre className="nbtrail-Text" tabIndex={0}>
      {file.truncated ? text : indented(text)}
    </pre>
  );
}

/** A page: in a frame of its own that neither runs scripts nor loads anything. */
export function HtmlPreview({ file }: IFileProps): React.JSX.Element {
  const { trans } = useServices();
  return (
    <iframe
      className="nbtrail-Frame"
      sandbox=""
      srcDoc={framed(file.text ?? '')}
      title={trans.__('%1, without its scripts', file.path)}
    />
  );
}
