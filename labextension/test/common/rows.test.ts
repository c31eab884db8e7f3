import { describe, expect, it } from 'vitest';

import { differs, keyParams, keyParamsFirst, metricRows, paramRows } from '../../src/common/rows';
import { aMetric, aParam, aRun } from '../records';

const one = aRun('1', { params: [aParam('C', '1.0'), aParam('tol', '0.1')] });
const two = aRun('2', { params: [aParam('C', '10.0'), aParam('tol', '0.1'), aParam('k', '3')] });

describe('keyParamsFirst', () => {
  it('puts what a person set before what autolog recorded, and keeps the order within', () => {
    const params = [
      aParam('tol', '0.1', { origin: 'autolog' }),
      aParam('b', '1', { origin: 'inferred' }),
      aParam('a', '1', { origin: 'inferred' }),
      aParam('lr', '2', { origin: 'explicit' }),
      aParam('C', '3', { origin: 'injected' })
    ];
    expect(keyParamsFirst(params).map(param => param.key)).toEqual(['lr', 'C', 'b', 'a', 'tol']);
  });
});

describe('keyParams', () => {
  const recorded = aParam('tol', '0.1', { origin: 'autolog' });

  it('leaves out what autolog recorded where a person set some', () => {
    expect(keyParams([recorded, aParam('C', '1')]).map(param => param.key)).toEqual(['C']);
  });

  it('has what autolog recorded where there is nothing else', () => {
    expect(keyParams([recorded])).toEqual([recorded]);
  });
});

describe('paramRows', () => {
  it('has one entry for each run, null where a run lacks the param', () => {
    const rows = paramRows([one, two]);
    expect(rows.map(row => [row.key, row.entries.map(entry => entry?.value ?? null)])).toEqual([
      ['C', ['1.0', '10.0']],
      ['tol', ['0.1', '0.1']],
      ['k', [null, '3']]
    ]);
  });

  it('tells which differ; lacking a param is a difference', () => {
    const different = paramRows([one, two]).filter(differs);
    expect(different.map(row => row.key)).toEqual(['C', 'k']);
  });
});

describe('metricRows', () => {
  it('joins the metrics of all runs', () => {
    const runs = [
      aRun('1', { metrics: [aMetric('loss', { value: 0.25 })] }),
      aRun('2', { metrics: [aMetric('accuracy')] })
    ];
    const rows = metricRows(runs);
    expect(rows.map(row => row.key)).toEqual(['loss', 'accuracy']);
    expect(rows[0].entries.map(entry => entry?.value)).toEqual([0.25, undefined]);
  });
});
