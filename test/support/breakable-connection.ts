import type { Page, WebSocketRoute } from 'playwright-core';

/** A page's connections to one path, which a test breaks as a dead network does. */
export interface BreakableConnection {
  /** Breaks the open connections. The page can connect again at once. */
  cut(): void;
  /** Breaks the open connections, and every new one until `up`. */
  down(): void;
  up(): void;
}

/** To be called before the page is opened. */
export async function breakableConnection(page: Page, path: RegExp): Promise<BreakableConnection> {
  let isDown = false;
  const cuts = new Set<() => void>();
  const cut = (): void => {
    for (const each of cuts) each();
    cuts.clear();
  };
  await page.routeWebSocket(path, (socket) => {
    if (isDown) return closeAsBroken(socket);
    const server = socket.connectToServer();
    let isBroken = false;
    // A broken connection loses messages. Passing one on to a closing socket would also be an error in the page's console.
    socket.onMessage((message) => {
      if (!isBroken) server.send(message);
    });
    server.onMessage((message) => {
      if (!isBroken) socket.send(message);
    });
    cuts.add(() => {
      isBroken = true;
      closeAsBroken(socket);
      void server.close();
    });
  });
  return {
    cut,
    down: () => {
      isDown = true;
      cut();
    },
    up: () => {
      isDown = false;
    },
  };
}

function closeAsBroken(socket: WebSocketRoute): void {
  void socket.close({ code: 3001, reason: 'broken' });
}
