/** The documents on where a run ran, as rows. */
import type { RunContext } from '../../api/run';
import { inWords } from '../text';

export type Fact = [string, string];

export interface IEnvironment {
  packages: Fact[];
  /** What was not committed, as git tells it. */
  diff: string;
  documents: { kind: string; facts: Fact[] }[];
}

/** Shown elsewhere: packages in a list of their own, reproductions with the verdict. */
const APART = ['packages', 'reproduction'];

export function environmentIn(context: RunContext): IEnvironment {
  const packages = (context.packages?.packages ?? {}) as Record<string, unknown>;
  const documents = Object.entries(context)
    .filter(([kind]) => !APART.includes(kind))
    .map(([kind, document]) => ({ kind, facts: factsIn(withoutDiff(document)) }));
  return {
    packages: Object.entries(packages).map(([name, version]) => [name, inWords(version)]),
    diff: inWords(context.git?.diff),
    documents
  };
}

export type LineKind = 'added' | 'removed' | 'head' | 'same';

/** What a line of a diff is; its first character says it to those who see no colours. */
export function lineKind(line: string): LineKind {
  if (/^(diff |index |--- |\+\+\+ |@@)/.test(line)) {
    return 'head';
  }
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same';
}

/** Objects inside of objects become rows with both names. */
function factsIn(document: Record<string, unknown>, prefix = ''): Fact[] {
  return Object.entries(document).flatMap(([key, value]): Fact[] => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject
      ? factsIn(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[prefix + key, inWords(value)]];
  });
}

function withoutDiff(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'diff'));
}
