import React from 'react';

interface ITabsProps<T extends string> {
  label: string;
  tabs: readonly { id: T; title: string }[];
  selected: T;
  onSelect(id: T): void;
}

/** A list of tabs: arrows, Home and End go from one to the next. */
export function Tabs<T extends string>(props: ITabsProps<T>): React.JSX.Element {
  const { label, tabs, selected, onSelect } = props;
  const onKeyDown = (event: React.KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex(tab => tab.id === selected);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[
      event.key
    ];
    if (next !== undefined) {
      event.preventDefault();
      const place = (next + tabs.length) % tabs.length;
      onSelect(tabs[place].id);
      event.currentTarget.querySelectorAll('button')[place].focus();
    }
  };
  return (
    <div className="nbtrail-Compare-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(({ id, title }) => (
        <button
          key={id}
          role="tab"
          aria-selected={id === selected}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
