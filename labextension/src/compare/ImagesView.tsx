import React, { useEffect, useRef } from 'react';

import { Swatch } from '../common/Swatch';
import { useLive, useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import {
  type IDrawnRun,
  useAttended,
  useComparePage,
  useComparison,
  useDrawnRuns
} from './context';
import { ImagesModel, MOST_RUNS } from './images';

/** The images of the drawn runs: a row a path, a column a run. */
export function ImagesView(): React.JSX.Element | null {
  const { trans } = useServices();
  const { model, artifacts } = useComparePage();
  const { table, choice } = useComparison();
  const images = useAttended(() => new ImagesModel(artifacts, () => model.state));
  useEffect(() => images.invalidate(), [images, choice.hidden]);
  const { ready, error, images: found } = useLive(images);
  const drawn = useDrawnRuns();
  if (table.total === 0) {
    return null;
  }
  if (error !== null) {
    return <ErrorState message={error} retry={() => images.invalidate()} />;
  }
  if (!ready) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  if (found.size === 0) {
    return <p className="nbtrail-Note">{trans.__('These runs have no images.')}</p>;
  }
  return (
    <>
      {drawn.length > MOST_RUNS && (
        <p className="nbtrail-Hint">
          {trans.__('The first %1 of %2 drawn runs; the table chooses.', MOST_RUNS, drawn.length)}
        </p>
      )}
      <ImageTable runs={drawn.slice(0, MOST_RUNS)} images={[...found]} />
    </>
  );
}

interface IImageTableProps {
  runs: readonly IDrawnRun[];
  images: readonly [string, ReadonlySet<string>][];
}

function ImageTable({ runs, images }: IImageTableProps): React.JSX.Element {
  const { openRun } = useComparePage();
  return (
    <div className="nbtrail-Scroll" tabIndex={0}>
      <table className="nbtrail-Table nbtrail-Images">
        <thead>
          <tr>
            <td />
            {runs.map(({ runId, name }) => (
              <th key={runId} scope="col">
                <Swatch runId={runId} />
                <button className="nbtrail-Link" onClick={() => openRun(runId)}>
                  {name}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {images.map(([path, having]) => (
            <tr key={path} data-path={path}>
              <th scope="row">{path}</th>
              {runs.map(run => (
                <td key={run.runId}>
                  {having.has(run.runId) ? <RunImage run={run} path={path} /> : '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunImage({ run, path }: { run: IDrawnRun; path: string }): React.JSX.Element {
  const { trans } = useServices();
  const { artifacts } = useComparePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const source = artifacts.address(run.runId, path);
  const label = trans.__('%1 of %2', path, run.name);
  return (
    <>
      <button
        className="nbtrail-Images-open"
        title={trans.__('%1: enlarge', label)}
        onClick={() => dialog.current?.showModal()}
      >
        <img src={source} alt={label} loading="lazy" />
      </button>
      <dialog ref={dialog} className="nbtrail-Images-large" aria-label={label}>
        <button className="jp-mod-styled" onClick={() => dialog.current?.close()}>
          {trans.__('Close')}
        </button>
        <img src={source} alt={label} loading="lazy" />
      </dialog>
    </>
  );
}
