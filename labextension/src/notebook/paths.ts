/** From a notebook's path as the kernel knows it to one as the contents API does. */

/** Jupyter's page configuration shortens the home directory in the server's root to `~`. */
const HOME = '(?:/root|/(?:home|Users)/[^/]+|[A-Za-z]:/Users/[^/]+)';

/**
 * Returns `notebook` relative to the server's root, or null where it lies outside of it.
 *
 * @param notebook absolute, or already relative to the root
 * @param serverRoot the page option `serverRoot`, absolute or beginning with `~`
 */
export function contentsPath(notebook: string, serverRoot: string): string | null {
  const path = notebook.replaceAll('\\', '/');
  if (!isAbsolute(path)) {
    return path.replace(/^\.\//, '');
  }
  const root = serverRoot.replaceAll('\\', '/').replace(/\/+$/, '');
  const prefix = root.startsWith('~') ? HOME + escape(root.slice(1)) : escape(root);
  return new RegExp(`^${prefix}/(.+)$`).exec(path)?.[1] ?? null;
}

/** Whether the kernel's `notebook` can be the one that the contents API calls `path`. */
export function isSameNotebook(notebook: string, path: string): boolean {
  return `/${notebook.replaceAll('\\', '/')}`.endsWith(`/${path}`);
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
