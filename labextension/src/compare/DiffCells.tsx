import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ICellChange } from '../api/charts';
import { useServices } from '../common/context';
import { blocksOf, differs, lineKind } from './cells';

/** The cells of two trails; those that are the same are folded. */
export function DiffCells({ cells }: { cells: readonly ICellChange[] }): React.JSX.Element {
  const { trans } = useServices();
  const changed = cells.filter(differs).length;
  return (
    <div className="nbtrail-TrailDiff-cells">
      <p className="nbtrail-Hint" role="status">
        {cells.length === 0
          ? trans.__('Neither run has a trail: no cells were recorded.')
          : trans.__('%1 of %2 cells differ.', changed, cells.length)}
      </p>
      {blocksOf(cells).map((block, i) =>
        'cell' in block ? (
          <ChangedCell key={i} cell={block.cell} />
        ) : (
          <Folded key={i} cells={block.folded} />
        )
      )}
    </div>
  );
}

function Folded({ cells }: { cells: readonly ICellChange[] }): React.JSX.Element {
  const { trans } = useServices();
  return (
    <details className="nbtrail-TrailDiff-folded">
      <summary>{trans._n('%1 cell is the same', '%1 cells are the same', cells.length)}</summary>
      <ol>
        {cells.map((cell, i) => (
          <li key={i}>
            <code>{cell.title}</code>
          </li>
        ))}
      </ol>
    </details>
  );
}

function ChangedCell({ cell }: { cell: ICellChange }): React.JSX.Element {
  const { trans } = useServices();
  const { kind, title, source, outputs } = cell;
  return (
    <section className="nbtrail-TrailDiff-cell" data-kind={kind} aria-label={title}>
      <header>
        <span className="nbtrail-TrailDiff-kind">{inWords(cell, trans)}</span>
        <span className="nbtrail-Hint">{places(cell, trans)}</span>
        {source.length === 0 && <code>{title}</code>}
      </header>
      {source.length > 0 && <Lines lines={source} />}
      {outputs.map(({ what, diff }, i) => (
        <div key={i} className="nbtrail-TrailDiff-output">
          <span className="nbtrail-Hint">{trans.__('Output: %1', what)}</span>
          {diff.length > 0 ? <Lines lines={diff} /> : <p>{trans.__('It is another one.')}</p>}
        </div>
      ))}
    </section>
  );
}

/** A unified diff; signs, not only colours, tell what is new. */
function Lines({ lines }: { lines: readonly string[] }): React.JSX.Element {
  return (
    <pre className="nbtrail-TrailDiff-lines" tabIndex={0}>
      {lines.map((line, i) => (
        <span key={i} data-line={lineKind(line)}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function inWords({ kind, moved, outputs }: ICellChange, trans: TranslationBundle): string {
  const kinds = {
    same: '',
    edited: trans.__('edited'),
    added: trans.__('added'),
    removed: trans.__('removed')
  };
  const more = outputs.length > 0 && kind === 'same' && trans.__('other outputs');
  return [kinds[kind], moved && trans.__('moved'), more].filter(Boolean).join(', ');
}

function places({ place_a, place_b }: ICellChange, trans: TranslationBundle): string {
  if (place_a !== null && place_b !== null) {
    return place_a === place_b
      ? trans.__('cell %1', place_a)
      : trans.__('cell %1, was %2', place_b, place_a);
  }
  return trans.__('cell %1', place_a ?? place_b ?? 0);
}
