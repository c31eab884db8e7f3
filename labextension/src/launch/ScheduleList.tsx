import { Notification } from '@jupyterlab/apputils';
import React from 'react';

import type { ISchedule, ScheduleAction } from '../api/jobs';
import { useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';

/** In milliseconds: so long it is offered to have a schedule again. */
const UNDO_TIME = 10_000;

/** When this notebook is run again and again, and what was missed. */
export function ScheduleList(): React.JSX.Element | null {
  const { trans } = useServices();
  const { schedules } = useLaunch();
  if (schedules.length === 0) {
    return null;
  }
  return (
    <table className="nbtrail-Table nbtrail-Launch-jobs" data-testid="nbtrail-schedules">
      <caption>{trans.__('Its schedules')}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('Schedule')}</th>
          <th scope="col">{trans.__('When')}</th>
          <th scope="col">{trans.__('Next')}</th>
          <th scope="col">{trans.__('Missed')}</th>
          <th scope="col">{trans.__('Actions')}</th>
        </tr>
      </thead>
      <tbody>
        {schedules.map(schedule => (
          <ScheduleRow key={schedule.schedule_id} schedule={schedule} />
        ))}
      </tbody>
    </table>
  );
}

function ScheduleRow({ schedule }: { schedule: ISchedule }): React.JSX.Element {
  const { trans } = useServices();
  const { schedule_id, name, cron, next, missed, missed_at } = schedule;
  const latest = missed_at === null ? '' : trans.__('the latest: %1', inWords(missed_at));
  return (
    <tr data-schedule={schedule_id}>
      <th scope="row">{trans.__('%1 %2', schedule_id, name)}</th>
      <td>
        <code>{cron}</code>
      </td>
      <td>{next === null ? trans.__('paused') : inWords(next)}</td>
      <td title={latest}>{missed}</td>
      <td>
        <Actions schedule={schedule} />
      </td>
    </tr>
  );
}

function Actions({ schedule }: { schedule: ISchedule }): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { isBusy } = useLaunch();
  const actions: [ScheduleAction, string][] = [
    ['run', trans.__('Run now')],
    schedule.next === null ? ['resume', trans.__('Resume')] : ['pause', trans.__('Pause')],
    ['remove', trans.__('Delete')]
  ];
  const remove = async () => {
    if (await model.change(schedule, 'remove')) {
      const undo = { label: trans.__('Undo'), callback: () => void model.restore(schedule) };
      Notification.info(trans.__('The schedule “%1” is deleted.', schedule.name), {
        autoClose: UNDO_TIME,
        actions: [undo]
      });
    }
  };
  return (
    <>
      {actions.map(([action, words]) => (
        <button
          key={action}
          className="nbtrail-Link"
          disabled={isBusy}
          onClick={() => void (action === 'remove' ? remove() : model.change(schedule, action))}
        >
          {words}
        </button>
      ))}
    </>
  );
}

function inWords(time: number): string {
  return new Date(time).toLocaleString();
}
