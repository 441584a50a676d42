/** Built scripts are in `assets/`, one level below the root. */
const SCRIPT = import.meta.url;
/** The path of the server's root: a proxy may have put it below a prefix, of which only the browser knows. */
const ROOT = new URL('..', SCRIPT).pathname;

/** The address of a path of the server, as `/calls`. Addresses of other servers stay. */
export function at(path: string): string {
  return path.startsWith('/') ? ROOT + path.slice(1) : path;
}

/** The path of this page on the server. */
export function here(): string {
  return location.pathname.startsWith(ROOT) ? `/${location.pathname.slice(ROOT.length)}` : location.pathname;
}
