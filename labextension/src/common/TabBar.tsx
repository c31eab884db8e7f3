import React from 'react';

interface ITabBarProps<T extends string> {
  /** How it looks. */
  className: string;
  /** What the tabs are, for those who hear them; left out where that is plain. */
  label?: string;
  /** Of the panel below; the ids of the tabs begin with it. */
  panelId: string;
  tabs: readonly { id: T; title: string }[];
  selected: T;
  onSelect(id: T): void;
}

/** A list of tabs; one of them can be reached by Tab, the others from it by arrows. */
export function TabBar<T extends string>(props: ITabBarProps<T>): React.JSX.Element {
  const { className, label, panelId, tabs, selected, onSelect } = props;
  const onKeyDown = (event: React.KeyboardEvent<HTMLDivElement>) => {
    const next = tabByKey(event.key, tabs, selected);
    if (next !== null) {
      event.preventDefault();
      onSelect(next);
      event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
    }
  };
  return (
    <div className={className} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(({ id, title }) => (
        <button
          key={id}
          id={tabId(panelId, id)}
          role="tab"
          data-tab={id}
          aria-selected={id === selected}
          aria-controls={panelId}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** The id of a tab, by which its panel is labelled. */
export function tabId(panelId: string, id: string): string {
  return `${panelId}-${id}`;
}

/** The tab that a key leads to, in the way of any list of tabs; null if it leads nowhere. */
export function tabByKey<T extends string>(
  key: string,
  tabs: readonly { id: T }[],
  selected: T
): T | null {
  const at = tabs.findIndex(({ id }) => id === selected);
  const places: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: tabs.length - 1
  };
  const next = places[key];
  return next === undefined ? null : tabs[(next + tabs.length) % tabs.length].id;
}
