import React from 'react';

import { Markdown as Rendered } from '../../common/Markdown';
import { useRunPage } from '../context';

/** A text in Markdown, drawn with what the run's page has for that. */
export function Markdown({ text }: { text: string }): React.JSX.Element {
  return <Rendered rendermime={useRunPage().tools.rendermime} text={text} />;
}
