import React from 'react';

import { type Option, Options } from '../compare/Select';
import { useOwnId } from '../common/context';
import { useLaunch, useLaunchPage } from './context';
import { Row } from './Row';

/** How something is asked for that is no parameter. */
export interface IAsked {
  label: string;
  help: string;
  placeholder?: string;
  /** What can be chosen; with `isOpen`, what is offered. */
  options?: readonly Option[];
  isOpen?: boolean;
  isNumber?: boolean;
}

interface IOptionRowProps {
  /** As the draft calls it, and the server where it refuses it. */
  name: string;
  asked: IAsked;
  /** What is to be done when it has changed. */
  onCommit?: () => void;
}

/** A line of the form for one of the draft's options. */
export function OptionRow({ name, asked, onCommit }: IOptionRowProps): React.JSX.Element {
  const { model } = useLaunchPage();
  const { draft, mistake } = useLaunch();
  const list = useOwnId();
  const { label, help, placeholder, options, isOpen, isNumber } = asked;
  const write = (value: string) => model.write({ options: { ...draft.options, [name]: value } });
  const common = { value: draft.options[name] ?? '', 'data-option': name };
  return (
    <Row label={label} help={help} mistake={mistake?.place.field === name ? mistake.message : null}>
      {control =>
        options && !isOpen ? (
          <select
            {...control}
            {...common}
            className="nbtrail-Choice"
            onChange={event => {
              write(event.target.value);
              onCommit?.();
            }}
          >
            <Options options={options} />
          </select>
        ) : (
          <>
            <input
              {...control}
              {...common}
              className="jp-mod-styled"
              type={isNumber ? 'number' : 'text'}
              placeholder={placeholder}
              list={options && list}
              spellCheck={false}
              onChange={event => write(event.target.value)}
              onBlur={onCommit}
            />
            {options && (
              <datalist id={list}>
                <Options options={options} />
              </datalist>
            )}
          </>
        )
      }
    </Row>
  );
}
