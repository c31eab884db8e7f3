/** What every component of the panel may use, and the hooks that follow it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import { useSyncExternalStore } from 'react';

import type { Looks } from '../chart/looks';
import type { ITrailModel, ITrailState } from '../tokens';

export interface ITrailContext {
  model: ITrailModel;
  commands: CommandRegistry;
  trans: TranslationBundle;
  looks: Looks;
  /** Emits when another theme's variables are in force; null where themes never change. */
  themeChanged: ISignal<unknown, unknown> | null;
}

export const TrailContext = createContext<ITrailContext | null>(null);

export function useTrail(): ITrailContext {
  const context = useContext(TrailContext);
  if (context === null) {
    throw new Error('This component belongs inside a TrailContext.');
  }
  return context;
}

/** The model's state; the component is drawn again when it changes. */
export function useTrailState(): ITrailState {
  const { model } = useTrail();
  const subscribe = useCallback(
    (listener: () => void) => {
      model.changed.connect(listener);
      return () => void model.changed.disconnect(listener);
    },
    [model]
  );
  return useSyncExternalStore(subscribe, () => model.state);
}

/** A number that grows with each change of theme: put it among an effect's dependencies. */
export function useThemeCount(): number {
  const { themeChanged } = useTrail();
  const [count, setCount] = useState(0);
  useEffect(() => {
    const onChanged = () => setCount(value => value + 1);
    themeChanged?.connect(onChanged);
    return () => void themeChanged?.disconnect(onChanged);
  }, [themeChanged]);
  return count;
}

const MINUTE = 60_000;

/** Draw the component anew each minute while it is in sight, for words like “3 minutes ago”. */
export function useMinutes(): void {
  const { model } = useTrail();
  const [, setCount] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => model.active && setCount(count => count + 1), MINUTE);
    return () => clearInterval(timer);
  }, [model]);
}
