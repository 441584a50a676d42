import type { Express } from 'express';
import expressWs from 'express-ws';
import type { IncomingMessage, Server } from 'node:http';
import type { WebSocket } from 'ws';

/** Why a handshake is refused. `waitSeconds`: the client may try again after this time. */
export interface HandshakeRefusal {
  readonly status: number;
  readonly sentence: string;
  readonly waitSeconds?: number | undefined;
}

/** A path that accepts WebSockets. */
export interface WebSocketRoute {
  readonly path: string;
  readonly maxMessageBytes: number;
  /** Why a request is refused; undefined if it is admitted. */
  refusal(request: IncomingMessage): HandshakeRefusal | undefined;
  open(socket: WebSocket, request: IncomingMessage): void;
}

export interface WebSocketEvents {
  refused(path: string, status: number): void;
  opened(socket: WebSocket, request: IncomingMessage): void;
}

/** Accepts WebSockets on a server. Requests are checked before the handshake; express-ws would accept all of them first. */
export function mountWebSockets(
  app: Express,
  server: Server,
  routes: readonly WebSocketRoute[],
  events: WebSocketEvents,
): void {
  const verifyClient = (
    { req }: { req: IncomingMessage },
    done: (ok: boolean, status?: number, message?: string, headers?: Record<string, string>) => void,
  ): void => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    const route = routes.find((one) => one.path === path);
    const refusal: HandshakeRefusal | undefined = route
      ? route.refusal(req)
      : { status: 404, sentence: 'There is no socket at this address.' };
    if (refusal) events.refused(route ? path : 'unknown', refusal.status);
    if (refusal) {
      const { status, sentence, waitSeconds } = refusal;
      done(false, status, sentence, waitSeconds === undefined ? {} : { 'Retry-After': String(waitSeconds) });
      return;
    }
    // `done` creates the socket with the current limit of the server, so each route has its own limit.
    sockets.getWss().options.maxPayload = route!.maxMessageBytes;
    done(true);
  };
  const sockets = expressWs(app, server, { wsOptions: { perMessageDeflate: false, verifyClient } });
  // ws repeats the errors of the HTTP server; who calls `listen` receives them.
  sockets.getWss().on('error', () => undefined);
  for (const route of routes)
    sockets.app.ws(route.path, (socket: WebSocket, request: IncomingMessage) => {
      route.open(socket, request);
      events.opened(socket, request);
    });
}
