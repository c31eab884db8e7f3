import React from 'react';

import { useServices } from '../common/context';
import { OptionRow } from './OptionRow';

/** When a schedule runs it: a crontab's fields, of which some are offered. */
export function ScheduleField(): React.JSX.Element {
  const { trans } = useServices();
  const asked = {
    label: trans.__('When'),
    help: trans.__('Minute, hour, day of the month, month, day of the week, as in a crontab.'),
    placeholder: '30 7 * * 1-5',
    isOpen: true,
    options: [
      ['0 * * * *', trans.__('at each full hour')],
      ['30 7 * * *', trans.__('each day at 07:30')],
      ['30 7 * * 1-5', trans.__('on working days at 07:30')]
    ] as const
  };
  return <OptionRow name="cron" asked={asked} />;
}
