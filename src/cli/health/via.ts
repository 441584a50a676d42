/** Names the proxy in use, without its password. */
export function via(proxy: string | undefined): string {
  return proxy === undefined ? '' : ` through the proxy ${new URL(proxy).host}`;
}
