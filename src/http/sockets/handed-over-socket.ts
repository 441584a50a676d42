import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A WebSocket whose request another process has read and admitted. */
export interface HandedOverSocket {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** What the client has sent after the request. */
  readonly head: Uint8Array;
  readonly socket: Socket;
  readonly maxMessageBytes: number;
}

/** Makes the handshake, and passes on the open WebSocket. A request that is none of WebSockets is refused. */
export function acceptHandedOver(
  { url, headers, head, socket, maxMessageBytes }: HandedOverSocket,
  open: (socket: WebSocket) => void,
): void {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });
  const request = { method: 'GET', url, headers, socket } as unknown as IncomingMessage;
  socket.setNoDelay(true);
  server.handleUpgrade(request, socket, Buffer.from(head), open);
}
