/** The list of runs, for the components of the sidebar. */
import { createContext, useContext } from 'react';

import { useLive, useLivePart } from '../common/context';
import type { ITrailModel, ITrailState } from '../tokens';

export const TrailContext = createContext<ITrailModel | null>(null);

export function useTrail(): ITrailModel {
  const model = useContext(TrailContext);
  if (model === null) {
    throw new Error('This component belongs inside a TrailContext.');
  }
  return model;
}

export function useTrailState(): ITrailState {
  return useLive(useTrail());
}

/** A part of the state: what shows nothing else is left alone when the rest changes. */
export function useTrailPart<T>(part: (state: ITrailState) => T): T {
  return useLivePart(useTrail(), part);
}
