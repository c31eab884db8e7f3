import React from 'react';

import { useServices } from '../common/context';
import { ErrorState } from '../common/ErrorState';
import { LostNote } from '../common/LostNote';
import { useLaunch, useLaunchPage } from './context';
import { JobList } from './JobList';
import { LaunchForm } from './LaunchForm';
import { OpenJob } from './OpenJob';
import { ScheduleList } from './ScheduleList';

/** The whole page: the form, what it has started, and one job of that. */
export function LaunchView(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { ready, error, form, detail } = useLaunch();
  if (error !== null) {
    return <ErrorState message={error} retry={() => model.invalidate()} />;
  }
  if (!ready || form === null) {
    return <p className="nbtrail-Note">{trans.__('Loading…')}</p>;
  }
  return (
    <>
      <LostNote />
      <LaunchForm form={form} />
      <ScheduleList />
      <JobList />
      {detail && <OpenJob key={detail.job.job_id} detail={detail} />}
    </>
  );
}
