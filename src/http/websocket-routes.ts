import type { Express } from 'express';
import expressWs from 'express-ws';
import type { IncomingMessage, Server } from 'node:http';
import type { WebSocket } from 'ws';

/** A path under which sockets are opened. */
export interface WebSocketRoute {
  readonly path: string;
  readonly largestMessageBytes: number;
  /** What keeps a request out: status and sentence; undefined lets it in. */
  refusal(request: IncomingMessage): { readonly status: number; readonly sentence: string } | undefined;
  open(socket: WebSocket, request: IncomingMessage): void;
}

export interface WebSocketEvents {
  refused(path: string, status: number): void;
  opened(socket: WebSocket, request: IncomingMessage): void;
}

/** Opens the doors on a server. They are guarded before the handshake: express-ws would let everyone in first. */
export function mountWebSockets(
  app: Express,
  server: Server,
  doors: readonly WebSocketRoute[],
  events: WebSocketEvents,
): void {
  const verifyClient = (
    { req }: { req: IncomingMessage },
    done: (ok: boolean, status?: number, message?: string) => void,
  ): void => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    const door = doors.find((one) => one.path === path);
    const refusal = door
      ? door.refusal(req)
      : { status: 404, sentence: 'There is no socket at this address.' };
    if (refusal) events.refused(door ? path : 'unknown', refusal.status);
    if (refusal) {
      done(false, refusal.status, refusal.sentence);
      return;
    }
    // The socket is made within `done` with the server's limit of just now: so each door has its own.
    sockets.getWss().options.maxPayload = door!.largestMessageBytes;
    done(true);
  };
  const sockets = expressWs(app, server, { wsOptions: { perMessageDeflate: false, verifyClient } });
  for (const door of doors)
    sockets.app.ws(door.path, (socket: WebSocket, request: IncomingMessage) => {
      door.open(socket, request);
      events.opened(socket, request);
    });
}
