import type { Express } from 'express';
import type { Server as HttpServer } from 'node:http';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { handOverWebSockets } from '../http/sockets/hand-over.ts';
import { mountWebSockets } from '../http/sockets/websocket-routes.ts';
import type { Log } from '../log.ts';
import type { Gateways } from './gateways.ts';
import type { CallProcesses } from './processes/call-processes.ts';

export interface SocketOptions {
  readonly server: HttpServer;
  readonly gateways: Gateways;
  readonly authenticator: Authenticator;
  readonly processes: CallProcesses | undefined;
  readonly log: Log;
}

/** Accepts the WebSockets of this process, and hands over those of other processes. */
export function mountSockets(app: Express, options: SocketOptions): void {
  const { server, gateways, authenticator, processes, log } = options;
  const refused = (path: string, status: number): void => log.info({ path, status }, 'refused a WebSocket');
  mountWebSockets(app, server, gateways.webSocketRoutes(), {
    refused,
    opened: (socket, request) => authenticator.closeOnLogout(socket, request),
  });
  if (!processes) return;
  const handOver = {
    isOurs: (path: string) => processes.isOurs(path),
    refusal: (request: Parameters<Gateways['twilio']['streamRefusal']>[0]) =>
      gateways.twilio.streamRefusal(request),
    handOver: (...handed: Parameters<CallProcesses['handOver']>) => processes.handOver(...handed),
  };
  handOverWebSockets(server, handOver, refused);
}
