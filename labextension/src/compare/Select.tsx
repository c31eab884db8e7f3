import React from 'react';

/** What is chosen, and how it is called. */
export type Option = readonly [value: string, text: string];

interface ISelectProps {
  label: string;
  value: string;
  options: readonly Option[];
  onChoose(value: string): void;
}

/** One of several, in a list that opens; `children` are what it has after its options. */
export function Select(props: React.PropsWithChildren<ISelectProps>): React.JSX.Element {
  const { label, value, options, onChoose, children } = props;
  return (
    <label>
      {label}
      <select
        className="nbtrail-Choice"
        value={value}
        onChange={event => onChoose(event.target.value)}
      >
        <Options options={options} />
        {children}
      </select>
    </label>
  );
}

export function Options({ options }: Pick<ISelectProps, 'options'>): React.JSX.Element {
  return (
    <>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </>
  );
}
