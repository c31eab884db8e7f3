import { describe, expect, it } from 'vitest';

import type { IField } from '../../src/api/models';
import { formFields, jsonBody, rowOf } from '../../src/sidebar/endpoints/request';

function aField(name: string | null, type: string, parts: Partial<IField> = {}): IField {
  return { name, type, required: true, shape: null, default: null, ...parts };
}

describe('a form', () => {
  it('is there for named columns, and for nothing else', () => {
    const signature = (inputs: IField[] | null) => ({ inputs, outputs: null, params: null });
    expect(formFields(signature([aField('x', 'double')]))).toHaveLength(1);
    expect(formFields(signature([aField(null, 'double')]))).toBeNull();
    expect(formFields(signature([aField('x', 'float32', { shape: [-1, 4] })]))).toBeNull();
    expect(formFields(signature(null))).toBeNull();
    expect(formFields(null)).toBeNull();
  });

  it('becomes one row with values of the columns’ types', () => {
    const fields = [aField('x', 'double'), aField('n', 'long'), aField('b', 'boolean')];
    const built = rowOf([...fields, aField('s', 'string')], { x: ' 1.5 ', n: '3', s: 'é' });
    expect(built).toEqual({
      body: { dataframe_split: { columns: ['x', 'n', 'b', 's'], data: [[1.5, 3, false, 'é']] } }
    });
  });

  it('leaves out what may be left out', () => {
    const fields = [aField('x', 'double', { required: false }), aField('s', 'string')];
    const built = rowOf(fields, { s: 'a' });
    expect(built).toEqual({ body: { dataframe_split: { columns: ['s'], data: [['a']] } } });
  });

  it('says which field has no value of its type', () => {
    expect(rowOf([aField('x', 'double')], { x: 'abc' })).toEqual({ field: 'x', wants: 'number' });
    expect(rowOf([aField('n', 'long')], { n: '1.5' })).toEqual({ field: 'n', wants: 'number' });
    expect(rowOf([aField('s', 'string')], {})).toEqual({ field: 's', wants: 'text' });
  });
});

it('JSON is the inputs, or a whole body if it looks like one', () => {
  expect(jsonBody('[[1, 2]]')).toEqual({ body: { inputs: [[1, 2]] } });
  expect(jsonBody('{"instances": [1]}')).toEqual({ body: { instances: [1] } });
  expect(jsonBody('{')).toEqual({ field: '', wants: 'json' });
});
