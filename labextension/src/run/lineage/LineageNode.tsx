import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { INode, NodeKind } from '../../api/trails';
import { useServices } from '../../common/context';
import { useRunPage } from '../context';
import type { TabId } from '../tabs';
import { type IPlaced, NODE } from './layout';

const TABS: Record<NodeKind, TabId> = {
  run: 'overview',
  dataset: 'data',
  cell: 'trail',
  metric: 'charts',
  model: 'data',
  version: 'data',
  endpoint: 'data'
};

interface ILineageNodeProps {
  placed: IPlaced<INode>;
  /** It is looked at, or (null) no more. */
  onLook: (id: string | null) => void;
}

/** One node of the graph; it leads to where more of it is. */
export function LineageNode({ placed, onLook }: ILineageNodeProps): React.JSX.Element {
  const { trans } = useServices();
  const { go } = useRunPage();
  const { node, x, y } = placed;
  const kind = kindInWords(node.kind, trans);
  return (
    <button
      className="nbtrail-Node"
      data-kind={node.kind}
      style={{ left: x, top: y, width: NODE.width, height: NODE.height }}
      title={[kind, node.label, node.detail].filter(Boolean).join('\n')}
      onClick={() => go(TABS[node.kind], itemOf(node))}
      onMouseEnter={() => onLook(node.id)}
      onMouseLeave={() => onLook(null)}
      onFocus={() => onLook(node.id)}
      onBlur={() => onLook(null)}
    >
      <span className="nbtrail-Node-label">
        <small>{kind}</small> {node.label}
      </span>
      <span className="nbtrail-Node-detail">{node.detail}</span>
    </button>
  );
}

export function kindInWords(kind: NodeKind, trans: TranslationBundle): string {
  const words: Record<NodeKind, string> = {
    run: trans.__('run'),
    dataset: trans.__('data'),
    cell: trans.__('cell'),
    metric: trans.__('metric'),
    model: trans.__('model'),
    version: trans.__('version'),
    endpoint: trans.__('endpoint')
  };
  return words[kind] ?? kind;
}

/** What the tab that a node leads to knows it by. */
function itemOf({ id, kind, label }: INode): string {
  return kind === 'cell' ? id.slice('cell:'.length) : label;
}
