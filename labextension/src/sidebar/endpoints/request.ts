/** From a form's texts to the body that an endpoint takes. */
import type { IField, ISignature } from '../../api/models';

/** A body, or one sentence's ingredients on why there is none: which field, and what it wants. */
export type Built = { body: unknown } | { field: string; wants: 'number' | 'json' | 'text' };

const INTEGERS = ['long', 'integer', 'int32', 'int64'];
const NUMBERS = [...INTEGERS, 'double', 'float', 'float32', 'float64'];
const BOOLEANS = ['boolean', 'bool'];

/** The named columns that a form can ask for one by one; null where only JSON will do. */
export function formFields(signature: ISignature | null): IField[] | null {
  const inputs = signature?.inputs ?? [];
  const isPlain = (field: IField) => field.name !== null && field.shape === null;
  return inputs.length > 0 && inputs.every(isPlain) ? inputs : null;
}

/** One row of a data frame. A column without text is left out if it may be. */
export function rowOf(fields: readonly IField[], texts: Readonly<Record<string, string>>): Built {
  const columns: string[] = [];
  const row: unknown[] = [];
  for (const field of fields) {
    const name = field.name ?? '';
    const text = (texts[name] ?? '').trim();
    if (text === '' && !field.required) {
      continue;
    }
    const value = valueOf(field, text);
    if (value === undefined) {
      return { field: name, wants: isNumber(field) ? 'number' : 'text' };
    }
    columns.push(name);
    row.push(value);
  }
  return { body: { dataframe_split: { columns, data: [row] } } };
}

/** What is written as JSON: a whole body if it looks like one, else the inputs of one. */
export function jsonBody(text: string): Built {
  try {
    const value: unknown = JSON.parse(text);
    const isBody = ['inputs', 'instances', 'dataframe_split', 'dataframe_records'].some(
      key => typeof value === 'object' && value !== null && key in value
    );
    return { body: isBody ? value : { inputs: value } };
  } catch {
    return { field: '', wants: 'json' };
  }
}

export function isNumber({ type }: IField): boolean {
  return NUMBERS.includes(type);
}

export function isBoolean({ type }: IField): boolean {
  return BOOLEANS.includes(type);
}

/** Undefined where the text is none of the type's. */
function valueOf(field: IField, text: string): unknown {
  if (isBoolean(field)) {
    return text === 'true';
  }
  if (!isNumber(field)) {
    return text === '' ? undefined : text;
  }
  const value = text === '' ? NaN : Number(text);
  const fits = INTEGERS.includes(field.type) ? Number.isInteger(value) : !Number.isNaN(value);
  return fits ? value : undefined;
}
