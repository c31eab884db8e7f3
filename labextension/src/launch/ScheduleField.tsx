import React from 'react';

import { useOwnId, useServices } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { Row } from './Row';

/** When a schedule runs the notebook: a crontab's fields, of which some are offered. */
export function ScheduleField(): React.JSX.Element {
  const { trans } = useServices();
  const { model } = useLaunchPage();
  const { draft, mistake } = useLaunch();
  const list = useOwnId();
  const offered = {
    '0 * * * *': trans.__('at each full hour'),
    '30 7 * * *': trans.__('each day at 07:30'),
    '30 7 * * 1-5': trans.__('on working days at 07:30')
  };
  return (
    <Row
      label={trans.__('When')}
      help={trans.__('Minute, hour, day of the month, month, day of the week, as in a crontab.')}
      mistake={mistake?.place.field === 'cron' ? mistake.message : null}
    >
      {control => (
        <>
          <input
            {...control}
            className="jp-mod-styled"
            list={list}
            data-option="cron"
            placeholder="30 7 * * 1-5"
            spellCheck={false}
            value={draft.options.cron ?? ''}
            onChange={event =>
              model.write({ options: { ...draft.options, cron: event.target.value } })
            }
          />
          <datalist id={list}>
            {Object.entries(offered).map(([cron, words]) => (
              <option key={cron} value={cron}>
                {words}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Row>
  );
}
