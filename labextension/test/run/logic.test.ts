import { describe, expect, it } from 'vitest';

import type { IExecution } from '../../src/api/trails';
import { tabByKey } from '../../src/common/TabBar';
import { environmentIn, lineKind } from '../../src/run/about/environment';
import { figureIn, framed, indented } from '../../src/run/artifacts/documents';
import { cellsIn, textOf } from '../../src/run/artifacts/notebook';
import { folderOf, stepsTo } from '../../src/run/artifacts/paths';
import { columnsIn, profileIn, spreadKeys } from '../../src/run/data/dataset';
import { changedTags, changedValues, writtenValue } from '../../src/run/dialogs/values';
import { dueAgain } from '../../src/run/overview/due';
import { sparkPath } from '../../src/run/overview/spark';
import { type TabId, tabIn, tabsOf } from '../../src/run/tabs';
import { formatSize, inWords, matching } from '../../src/run/text';

describe('texts', () => {
  it('are found by words, whatever their case and order', () => {
    const keys = ['train/loss', 'val/Loss', 'accuracy'];
    const found = (words: string) => matching(keys, key => key, words);
    expect(found('loss VAL')).toEqual(['val/Loss']);
    expect(found('  ')).toEqual(keys);
    expect(found('<b>')).toEqual([]);
  });

  it('write sizes in the unit that suits them', () => {
    const sizes = [0, 999, 1000, 20_480, 999_999, 2 ** 31, 1e18];
    const words = ['0 B', '999 B', '1 kB', '20.5 kB', '1 MB', '2.15 GB', '1000000 TB'];
    expect(sizes.map(formatSize)).toEqual(words);
  });

  it('write any JSON on one line', () => {
    expect([null, undefined, 'a', { b: [1] }, 0].map(inWords)).toEqual([
      '',
      '',
      'a',
      '{"b":[1]}',
      '0'
    ]);
  });
});

describe('tabs', () => {
  it('are those that there are', () => {
    expect([tabIn('trail'), tabIn('nothing'), tabIn(3)]).toEqual(['trail', 'overview', 'overview']);
  });

  it('are gone through by keys, around the ends', () => {
    const from = (key: string, tab: TabId) =>
      tabByKey(
        key,
        tabsOf({}).map(id => ({ id })),
        tab
      );
    expect(from('ArrowRight', 'overview')).toBe('charts');
    expect(from('ArrowLeft', 'overview')).toBe('history');
    expect(from('ArrowRight', 'history')).toBe('overview');
    expect([from('Home', 'notes'), from('End', 'notes')]).toEqual(['overview', 'history']);
    expect(from('x', 'notes')).toBeNull();
  });
});

describe('a sparkline', () => {
  it('goes from the lower to the upper edge, with gaps', () => {
    expect(sparkPath([0, 1, 2, 3], [0, null, 1, 0], 64, 20)).toBe('M2 18M42 2L62 18');
  });

  it('is level where all are equal, and empty where nothing is', () => {
    expect(sparkPath([0, 10], [5, 5], 64, 20)).toBe('M2 10L62 10');
    expect(sparkPath([0, 1], [null, null], 64, 20)).toBe('');
    expect(sparkPath([], [], 64, 20)).toBe('');
  });
});

describe('what to run again', () => {
  const cell = (id: number, cell_id: string | null, reads: IExecution['reads'] = {}) =>
    ({ id, ordinal: id, cell_id, reads }) as IExecution;
  const about = (kind: 'stale-inputs' | 'hidden-state', ...executions: number[]) => [
    { kind, text: '', executions }
  ];

  it('is what was found and all that has read from it, in order', () => {
    const trail = [cell(1, 'a'), cell(2, 'b', { x: 1 }), cell(3, 'c', { y: 2 }), cell(4, 'd')];
    expect(dueAgain(trail.toReversed(), about('stale-inputs', 2))).toEqual([2, 3]);
  });

  it('names a cell once, by its last execution', () => {
    const trail = [cell(1, 'a'), cell(2, 'b', { x: 1 }), cell(3, 'a'), cell(4, null, { x: 3 })];
    expect(dueAgain(trail, about('stale-inputs', 1, 3))).toEqual([2, 3, 4]);
  });

  it('is nothing where running again does not help', () => {
    expect(dueAgain([cell(1, 'a', { x: null })], about('hidden-state', 1))).toEqual([]);
  });
});

describe('files', () => {
  it('are in folders', () => {
    expect([folderOf('a/b/c.png'), folderOf('c.png')]).toEqual(['a/b', '']);
    expect(stepsTo('a/b')).toEqual([
      { name: 'a', path: 'a' },
      { name: 'b', path: 'a/b' }
    ]);
  });

  it('that are pages get a policy before all that is theirs', () => {
    const page = framed('<meta http-equiv="Content-Security-Policy" content="default-src *">');
    expect(page.indexOf("default-src 'none'")).toBeLessThan(page.indexOf('default-src *'));
  });

  it('that are no JSON stay as they are', () => {
    expect(indented('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(indented('{"a":')).toBe('{"a":');
  });

  it('that are figures load nothing from elsewhere', () => {
    const images = [{ source: 'https://example.org/x.png' }, { source: 'data:image/png;base64,' }];
    const figure = figureIn(JSON.stringify({ data: [{}], layout: { images } }));
    expect(figure?.layout.images).toEqual([images[1]]);
    expect([figureIn('[]'), figureIn('{"data":1}'), figureIn('x')]).toEqual([null, null, null]);
  });

  it('that are notebooks have cells', () => {
    const cell = { cell_type: 'code', source: ['a\n', 'b'] };
    expect(cellsIn(JSON.stringify({ cells: [cell, null, 3, {}] }))).toEqual([cell]);
    expect([cellsIn('{}'), cellsIn('x'), textOf(cell.source)]).toEqual([null, null, 'a\nb']);
  });
});

describe('data sets', () => {
  it('have columns with what is known of their values', () => {
    const schema = JSON.stringify({
      mlflow_colspec: [{ name: 'a', type: 'double' }, { type: 'long' }]
    });
    const profile = JSON.stringify({ num_rows: 3, columns: { a: { min: 1, nulls: 0 } } });
    const columns = columnsIn(schema, profile);
    expect(columns).toEqual([
      { name: 'a', type: 'double', spread: { min: 1, nulls: 0 } },
      { name: '', type: 'long', spread: {} }
    ]);
    expect(spreadKeys(columns)).toEqual(['min', 'nulls']);
    expect(profileIn(profile)).toEqual([['num rows', '3']]);
  });

  it('may say anything of themselves', () => {
    for (const text of [null, 'x', '3', 'null', '[]', '{"mlflow_colspec": 3}']) {
      expect(columnsIn(text, text)).toEqual([]);
    }
  });
});

describe('the environment', () => {
  it('is rows, with packages and diff apart', () => {
    const git = { branch: 'main', diff: '+a', author: { name: 'ada' } };
    const context = {
      git,
      packages: { packages: { numpy: '2.3' } },
      reproduction: { outcome: 'x' }
    };
    expect(environmentIn(context)).toEqual({
      packages: [['numpy', '2.3']],
      diff: '+a',
      documents: [
        {
          kind: 'git',
          facts: [
            ['branch', 'main'],
            ['author.name', 'ada']
          ]
        }
      ]
    });
    expect(environmentIn({})).toEqual({ packages: [], diff: '', documents: [] });
  });

  it('tells the lines of a diff apart', () => {
    const lines = ['diff --git a b', '@@ -1 +1 @@', '-old', '+new', ' same', '+++ b/x'];
    const kinds = ['head', 'head', 'removed', 'added', 'same', 'head'];
    expect(lines.map(lineKind)).toEqual(kinds);
  });
});

describe('the fields of dialogs', () => {
  const parameter = (name: string, value: unknown, written: string | null = null) =>
    ({ name, value, default: written, type: null, help: null, choices: null }) as const;

  it('write values as people do', () => {
    expect(writtenValue(parameter('a', 'text'))).toBe('text');
    expect(writtenValue(parameter('a', [1, 2]))).toBe('[1,2]');
    expect(writtenValue(parameter('a', null, 'now()'))).toBe('now()');
  });

  it('send what was changed, and nothing else', () => {
    const written = new Map([
      ['lr', '0.2'],
      ['depth', '4']
    ]);
    expect(changedValues([parameter('lr', 0.1), parameter('depth', 4)], written)).toEqual({
      lr: '0.2'
    });
  });

  it('delete the tags that are gone, but not those of tools', () => {
    const before = { team: 'blue', old: '1', same: 'x', 'mlflow.user': 'ada' };
    const rows: [string, string][] = [
      ['team', 'red'],
      ['same', 'x'],
      [' new ', ''],
      ['', 'ignored']
    ];
    expect(changedTags(before, rows)).toEqual({ old: null, team: 'red', new: '' });
  });
});
