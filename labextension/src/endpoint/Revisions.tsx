import { Time } from '@jupyterlab/coreutils';
import React, { useCallback } from 'react';

import type { IConfig, IRevision } from '../api/endpoints';
import { Asked } from '../common/Asked';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { useAct, useEndpointPage } from './context';
import { Traffic } from './Traffic';
import { sharesOf } from './shares';

/** Which share of the requests goes where now, and what was there before. */
export function Revisions(): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const load = useCallback(() => endpoints.revisions(name), [endpoints, name]);
  return (
    <>
      <Traffic />
      <Section title={trans.__('Revisions')} testId="nbtrail-revisions">
        <Asked load={load}>{revisions => <Table revisions={revisions} />}</Asked>
      </Section>
    </>
  );
}

function Table({ revisions }: { revisions: readonly IRevision[] }): React.JSX.Element {
  const { trans } = useServices();
  const words = [trans.__('Revision'), trans.__('State'), trans.__('What is served')];
  const heads = [...words, trans.__('Workers'), trans.__('When'), trans.__('Who'), ''];
  return (
    <div className="nbtrail-Scroll" tabIndex={0} role="group" aria-label={trans.__('Revisions')}>
      <table className="nbtrail-Facts">
        <thead>
          <tr>
            {heads.map((head, i) => (
              <th key={i} scope="col">
                {head || <span className="nbtrail-Hidden">{trans.__('Actions')}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {revisions.map(one => (
            <Row key={one.revision} revision={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ revision: one }: { revision: IRevision }): React.JSX.Element {
  const { trans } = useServices();
  const { endpoints, name } = useEndpointPage();
  const act = useAct();
  const { revision, state, config, created, user, error } = one;
  const states: Record<IRevision['state'], string> = {
    live: trans.__('live'),
    old: trans.__('old'),
    failed: trans.__('failed')
  };
  return (
    <tr data-testid="nbtrail-revision" data-state={state}>
      <th scope="row">{revision}</th>
      <td title={error ?? ''}>{states[state] ?? state}</td>
      <td>{targetsIn(config)}</td>
      <td>{config.workers}</td>
      <td>{Time.format(new Date(created))}</td>
      <td>{user}</td>
      <td>
        {state === 'old' && (
          <div className="nbtrail-Actions">
            <button onClick={() => void act(() => endpoints.rollback(name, revision))}>
              {trans.__('Roll back to %1', revision)}
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

function targetsIn({ targets }: IConfig): string {
  return sharesOf(targets)
    .map(([uri, share]) => (targets.length > 1 ? `${uri} ${share}` : uri))
    .join(', ');
}
