import { describe, expect, it } from 'vitest';

import { contentsPath, isSameNotebook } from '../../src/notebook/paths';

describe('contentsPath', () => {
  it.each([
    ['a.ipynb', '/srv', 'a.ipynb'],
    ['./sub/a.ipynb', '/srv', 'sub/a.ipynb'],
    ['/srv/work/sub/a.ipynb', '/srv/work', 'sub/a.ipynb'],
    ['/srv/work/a.ipynb', '/srv/work/', 'a.ipynb'],
    ['/home/ada/project/a.ipynb', '~/project', 'a.ipynb'],
    ['/root/a.ipynb', '~', 'a.ipynb'],
    ['C:\\Users\\ada\\a.ipynb', 'C:\\Users\\ada', 'a.ipynb'],
    ['/elsewhere/a.ipynb', '/srv/work', null],
    ['/srv/workshop/a.ipynb', '/srv/work', null],
    ['/srv/w.rk/a.ipynb', '/srv/w+rk', null]
  ])('finds %s below %s at %s', (notebook, root, path) => {
    expect(contentsPath(notebook, root)).toBe(path);
  });
});

describe('isSameNotebook', () => {
  it.each([
    ['/srv/work/sub/a.ipynb', 'sub/a.ipynb', true],
    ['sub/a.ipynb', 'sub/a.ipynb', true],
    ['/srv/work/data.ipynb', 'a.ipynb', false],
    ['a.ipynb', 'sub/a.ipynb', false]
  ])('compares %s with %s', (notebook, path, same) => {
    expect(isSameNotebook(notebook, path)).toBe(same);
  });
});
