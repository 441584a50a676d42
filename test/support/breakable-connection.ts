import type { Page } from 'playwright-core';

/** To be called before the page is opened. What it gives cuts the page's newest socket to `path`, as a dead network does. */
export async function cuttable(page: Page, path: RegExp): Promise<() => void> {
  let cut = (): void => undefined;
  await page.routeWebSocket(path, (socket) => {
    const server = socket.connectToServer();
    cut = () => {
      void socket.close({ code: 3001, reason: 'cut' });
      void server.close();
    };
  });
  return () => cut();
}
