/** Draws the marks beside the cells of an open notebook. */
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IMark } from './marks';

const CLASS = 'nbtrail-Mark';
/** So many keys are named in a tooltip. */
const NAMED = 8;

export function paint(
  notebook: Notebook,
  marks: ReadonlyMap<string, IMark>,
  trans: TranslationBundle
): void {
  for (const { model, node } of notebook.widgets) {
    const mark = marks.get(model.id);
    const known = node.querySelector<HTMLElement>(`:scope > .${CLASS}`);
    if (mark === undefined) {
      known?.remove();
    } else {
      draw(known ?? node.appendChild(document.createElement('span')), mark, trans);
    }
  }
}

function draw(node: HTMLElement, mark: IMark, trans: TranslationBundle): void {
  const words = inWords(mark, trans);
  if (node.title !== words) {
    node.className = CLASS;
    node.dataset.stale = mark.stale ?? '';
    node.setAttribute('role', 'img');
    node.setAttribute('aria-label', words);
    node.title = words;
    node.textContent = mark.stale === null ? '●' : '◌';
  }
}

function inWords({ recorded, stale }: IMark, trans: TranslationBundle): string {
  const named = recorded.slice(0, NAMED).join(', ');
  const more = recorded.length - NAMED;
  const keys = more > 0 ? trans.__('%1 and %2 more', named, more) : named;
  const said = recorded.length > 0 ? [trans.__('Recorded in the current run: %1.', keys)] : [];
  if (stale === 'edited') {
    said.push(trans.__('Edited since it ran: run it again.'));
  } else if (stale === 'inputs') {
    said.push(trans.__('It read what has changed since: run it again.'));
  }
  return said.join(' ');
}
