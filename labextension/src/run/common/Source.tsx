import React, { useEffect, useRef } from 'react';

import { useRunPage } from '../context';

interface ISourceProps {
  source: string;
  /** As JupyterLab's editors name it. */
  language?: string;
}

/** Source code, highlighted as in the editor. */
export function Source({ source, language = 'python' }: ISourceProps): React.JSX.Element {
  const { languages } = useRunPage().tools;
  const node = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const known = languages?.findByName(language) ?? null;
    if (languages === null || known === null || node.current === null) {
      return;
    }
    const target = document.createElement('code');
    let isCurrent = true;
    void languages.highlight(source, known, target).then(() => {
      // JupyterLab leaves out what follows the last token that has a style.
      target.append(source.slice(target.textContent?.length ?? 0));
      if (isCurrent) {
        node.current?.replaceChildren(target);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [languages, language, source]);
  return (
    <pre ref={node} className="nbtrail-Source" key={source}>
      {source}
    </pre>
  );
}
