import React, { useCallback, useContext, useEffect, useMemo } from 'react';

import { ArtifactsApi } from '../api/artifacts';
import { ChartsApi } from '../api/charts';
import { JobsApi } from '../api/jobs';
import type { IOrigin } from '../api/registry';
import { RunApi } from '../api/run';
import { TrailsApi } from '../api/trails';
import { Asked, PageContext } from '../common/Asked';
import { useServices } from '../common/context';
import { Section } from '../common/Section';
import { Facts } from '../run/common/Facts';
import { type IRunPage, RunPageContext } from '../run/context';
import { Lineage as Graph } from '../run/lineage/Lineage';
import { RunModel, RunPageModel } from '../run/model';
import { type IModelPage, useModelPage, useVersion } from './context';
import { VersionChoice } from './VersionChoice';

/** Where a version comes from: run, cell, data and code, and the graph of the run that made it. */
export function Lineage(): React.JSX.Element {
  const { trans } = useServices();
  const { registry, name } = useModelPage();
  const version = useVersion();
  const number = version?.version ?? '';
  const runId = version?.run_id ?? null;
  const load = useCallback(() => registry.version(name, number), [registry, name, number]);
  return (
    <>
      <VersionChoice />
      {number && (
        <Asked load={load}>{({ origin }) => (origin ? <Origin origin={origin} /> : null)}</Asked>
      )}
      {runId === null ? (
        <p className="nbtrail-Note">{trans.__('Nobody noted which run made it.')}</p>
      ) : (
        <RunGraph key={runId} runId={runId} />
      )}
    </>
  );
}

function Origin({ origin }: { origin: IOrigin }): React.JSX.Element {
  const { trans } = useServices();
  const { run_name, experiment, notebook, cell, datasets, commit, repository, dirty } = origin;
  const facts: [string, string | null][] = [
    [trans.__('Run'), run_name],
    [trans.__('Experiment'), experiment],
    [trans.__('Notebook'), notebook],
    [trans.__('Data'), datasets.map(one => `${one.name} ${one.digest}`).join(', ')],
    [trans.__('Repository'), repository],
    [trans.__('Commit'), commit && (dirty ? trans.__('%1, with changes', commit) : commit)]
  ];
  const told = facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
  return (
    <Section title={trans.__('Where it comes from')} testId="nbtrail-origin">
      <Facts facts={told} inWords />
      {cell !== null && (
        <pre className="nbtrail-Source" tabIndex={0} aria-label={trans.__('The cell')}>
          {cell.source}
        </pre>
      )}
    </Section>
  );
}

/** The run's own graph; its nodes lead to the run's page. */
function RunGraph({ runId }: { runId: string }): React.JSX.Element {
  const modelPage = useModelPage();
  const page = useContext(PageContext);
  const runPage = useMemo(() => runPageOf(runId, modelPage), [runId, modelPage]);
  useEffect(() => page?.attend(runPage.model), [page, runPage]);
  return (
    <RunPageContext.Provider value={runPage}>
      <Graph />
    </RunPageContext.Provider>
  );
}

function runPageOf(runId: string, { client, tools, open }: IModelPage): IRunPage {
  const run = new RunApi(client);
  const api = {
    run,
    trails: new TrailsApi(client),
    artifacts: new ArtifactsApi(client),
    charts: new ChartsApi(client),
    jobs: new JobsApi(client)
  };
  return {
    ...{ runId, api, tools },
    model: new RunPageModel(new RunModel(() => run.run(runId))),
    place: { tab: 'lineage', item: null },
    go: (tab, item = null) =>
      open('run', { run_id: runId, tab, ...(item === null ? {} : { item: String(item) }) }),
    open: (kind, state) => open(kind, state as Record<string, string>)
  };
}
