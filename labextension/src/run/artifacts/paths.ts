/** Paths of artifacts: relative, with slashes. */

/** The folder that a file is in; empty for the top one. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The folders on the way to a path, itself included. */
export function stepsTo(path: string): { name: string; path: string }[] {
  const names = path.split('/');
  return names.map((name, i) => ({ name, path: names.slice(0, i + 1).join('/') }));
}
