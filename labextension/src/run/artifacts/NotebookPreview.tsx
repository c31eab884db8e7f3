import type { ICell, IOutput } from '@jupyterlab/nbformat';
import React, { useMemo, useRef, useState } from 'react';

import type { IPreview } from '../../api/artifacts';
import { useServices } from '../../common/context';
import { Markdown } from '../common/Markdown';
import { Outputs } from '../common/Outputs';
import { useSeen } from '../../common/sight';
import { Source } from '../common/Source';
import { cellsIn, textOf } from './notebook';
import { TextPreview } from './simple';

const PAGE = 100;

/** A notebook as it lies there: nothing of it is trusted, nothing can be executed. */
export function NotebookPreview({ file }: { file: IPreview }): React.JSX.Element {
  const { trans } = useServices();
  const cells = useMemo(() => cellsIn(file.text ?? ''), [file.text]);
  const [count, setCount] = useState(PAGE);
  if (cells === null) {
    return <TextPreview file={file} />;
  }
  return (
    <div className="nbtrail-Notebook">
      {cells.slice(0, count).map((cell, i) => (
        <CellPreview key={i} cell={cell} />
      ))}
      {cells.length > count && (
        <button className="nbtrail-Link" onClick={() => setCount(count + PAGE)}>
          {trans.__('Show more of the %1 cells', cells.length)}
        </button>
      )}
    </div>
  );
}

function CellPreview({ cell }: { cell: ICell }): React.JSX.Element {
  const node = useRef<HTMLDivElement>(null);
  const wasSeen = useSeen(node);
  return (
    <div ref={node} className="nbtrail-Cell">
      {wasSeen ? <CellContent cell={cell} /> : <pre>{textOf(cell.source)}</pre>}
    </div>
  );
}

function CellContent({ cell }: { cell: ICell }): React.JSX.Element {
  const source = textOf(cell.source);
  if (cell.cell_type === 'markdown') {
    return <Markdown text={source} />;
  }
  const outputs = Array.isArray(cell.outputs) ? (cell.outputs as IOutput[]) : [];
  return (
    <>
      <Source source={source} />
      {outputs.length > 0 && <Outputs outputs={outputs} />}
    </>
  );
}
