import { checkIcon, closeIcon, infoIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useServices } from './context';

type Kind = 'verdict' | 'reproduction';

interface IBadgeProps {
  kind: Kind;
  /** Without one there is nothing to draw. */
  word: string | null | undefined;
}

const GOOD = ['linear', 'identical', 'within tolerance'];
const BAD = ['hidden-state', 'stale-inputs', 'diverged', 'could not run'];
const ICONS = { good: checkIcon, bad: closeIcon, warn: infoIcon };

/** What the trail says of the run, or how it was reproduced: an icon and a word. */
export function Badge({ kind, word }: IBadgeProps): React.JSX.Element | null {
  const { trans } = useServices();
  if (!word) {
    return null;
  }
  const tone = GOOD.includes(word) ? 'good' : BAD.includes(word) ? 'bad' : 'warn';
  const Icon = ICONS[tone];
  return (
    <span className="nbtrail-Badge" data-tone={tone} title={captionOf(kind, trans)}>
      <Icon.react tag="span" width="12px" height="12px" />
      {wordOf(word, trans)}
    </span>
  );
}

function captionOf(kind: Kind, trans: TranslationBundle): string {
  return kind === 'verdict'
    ? trans.__('What the trail says: would restart-and-run-all give the same results?')
    : trans.__('What came of executing the run once more');
}

/** The word in the user's language; one that this version does not know stays as it is. */
function wordOf(word: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    linear: trans.__('Linear'),
    'out-of-order': trans.__('Out of order'),
    'stale-inputs': trans.__('Stale inputs'),
    'hidden-state': trans.__('Hidden state'),
    unknown: trans.__('Not known'),
    identical: trans.__('Reproduced: identical'),
    'within tolerance': trans.__('Reproduced: within tolerance'),
    diverged: trans.__('Reproduced: diverged'),
    'could not run': trans.__('Reproduced: could not run')
  };
  return words[word] ?? word;
}
