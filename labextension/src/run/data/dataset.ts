/** What a data set says of itself: texts of JSON, as on MLflow's wire, that anybody may have written. */
import { inWords } from '../text';

type Json = Record<string, unknown>;

/** A column of a table: its type, and how its values were spread where that is known. */
export interface IColumn {
  name: string;
  type: string;
  spread: Json;
}

/** The columns of a table; none where the schema is of another kind. */
export function columnsIn(schema: string | null, profile: string | null): IColumn[] {
  const found = parsed(schema).mlflow_colspec;
  const columns = Array.isArray(found) ? (found as Json[]) : [];
  const spreads = (parsed(profile).columns ?? {}) as Record<string, Json>;
  return columns.map(({ name, type }) => ({
    name: inWords(name),
    type: inWords(type),
    spread: spreads[inWords(name)] ?? {}
  }));
}

/** What is said of any of the columns, such as `min` and `nulls`. */
export function spreadKeys(columns: readonly IColumn[]): string[] {
  return [...new Set(columns.flatMap(({ spread }) => Object.keys(spread)))];
}

/** Sizes and the like. */
export function profileIn(profile: string | null): [string, string][] {
  return Object.entries(parsed(profile))
    .filter(([key]) => key !== 'columns')
    .map(([key, value]) => [key.replaceAll('_', ' '), inWords(value)]);
}

function parsed(text: string | null): Json {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}
