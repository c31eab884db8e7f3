/** What every component may use, and the hooks that follow it. */
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import { useSyncExternalStore } from 'react';

import type { IServices } from '../tokens';
import type { ILive, ILiveState } from './live';

export const ServicesContext = createContext<IServices | null>(null);

export function useServices(): IServices {
  const services = useContext(ServicesContext);
  if (services === null) {
    throw new Error('This component belongs inside a ServicesContext.');
  }
  return services;
}

let count = 0;

/** An id that no other element of the page has: React's `useId` counts within one widget only. */
export function useOwnId(): string {
  const [id] = useState(() => `nbtrail-id-${(count += 1)}`);
  return id;
}

/** A model's state; the component is drawn again when it changes. */
export function useLive<S extends ILiveState>(model: ILive<S>): S {
  return useLivePart(model, whole);
}

const whole = <S>(state: S): S => state;

/** A part of a model's state; the component is drawn again when that part is another one. */
export function useLivePart<S extends ILiveState, T>(model: ILive<S>, part: (state: S) => T): T {
  const subscribe = useCallback(
    (listener: () => void) => {
      model.changed.connect(listener);
      return () => void model.changed.disconnect(listener);
    },
    [model]
  );
  return useSyncExternalStore(subscribe, () => part(model.state));
}

/** A number that grows with each change of theme: put it among an effect's dependencies. */
export function useThemeCount(): number {
  const { themeChanged } = useServices();
  const [count, setCount] = useState(0);
  useEffect(() => {
    const onChanged = () => setCount(value => value + 1);
    themeChanged?.connect(onChanged);
    return () => void themeChanged?.disconnect(onChanged);
  }, [themeChanged]);
  return count;
}

const MINUTE = 60_000;

/**
 * A number that grows each minute while the component is in sight, and draws it anew, for words
 * like “3 minutes ago”.
 */
export function useMinutes(model: { readonly active: boolean }): number {
  const [minutes, setMinutes] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => model.active && setMinutes(count => count + 1), MINUTE);
    return () => clearInterval(timer);
  }, [model]);
  return minutes;
}
