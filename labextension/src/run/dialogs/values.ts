/** What the fields of the dialogs say. */
import type { IParameter } from '../../api/run';

/** A parameter's value as a text field has it: texts as they are, all else as JSON. */
export function writtenValue({ value, default: written }: IParameter): string {
  if (value === null || value === undefined) {
    return written ?? '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The parameters that are no longer what they were; the server reads texts by their types. */
export function changedValues(
  parameters: readonly IParameter[],
  written: ReadonlyMap<string, string>
): Record<string, string> {
  const changed = parameters.filter(parameter => {
    const text = written.get(parameter.name);
    return text !== undefined && text !== writtenValue(parameter);
  });
  return Object.fromEntries(changed.map(({ name }) => [name, written.get(name) ?? '']));
}

/** Tags that people set; those with a dot after the first word belong to a tool. */
export function isOwnTag(key: string): boolean {
  return !/^(mlflow|nbtrail)\./.test(key);
}

/** The change from some tags to those written: what is gone is null. */
export function changedTags(
  before: Readonly<Record<string, string>>,
  written: readonly (readonly [string, string])[]
): Record<string, string | null> {
  const after = new Map(written.map(([key, value]) => [key.trim(), value]));
  after.delete('');
  const gone = Object.keys(before).filter(key => isOwnTag(key) && !after.has(key));
  const set = [...after].filter(([key, value]) => before[key] !== value);
  return { ...Object.fromEntries(gone.map(key => [key, null])), ...Object.fromEntries(set) };
}
