import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

interface Hook {
  readonly path: string;
  readonly fields: Record<string, string>;
  readonly headers: IncomingMessage['headers'];
}

interface TwilioMessage {
  readonly event: string;
  readonly streamSid?: string;
  readonly media?: { readonly payload: string; readonly timestamp: string };
  readonly mark?: { readonly name: string };
  readonly start?: { readonly customParameters: Record<string, string> };
}

/** A tiny application for the simulated phone to call: hooks answered by `twiml`, the stream handled by `onMessage`. */
export class EchoApplication {
  readonly hooks: Hook[] = [];
  readonly upgrades: IncomingMessage[] = [];
  readonly received: TwilioMessage[] = [];
  admits = true;
  readonly #server = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true });

  static async start(
    twiml: (path: string, visit: number) => string,
    onMessage: (message: TwilioMessage, send: (message: object) => void, socket: WebSocket) => void,
  ): Promise<EchoApplication> {
    const application = new EchoApplication();
    application.#server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
        const path = request.url ?? '';
        application.hooks.push({ path, fields, headers: request.headers });
        const visit = application.hooks.filter((hook) => hook.path === path).length;
        response.setHeader('content-type', 'text/xml').end(twiml(path, visit));
      });
    });
    application.#server.on('upgrade', (request, socket, head) => {
      application.upgrades.push(request);
      if (!application.admits) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
        return;
      }
      application.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('message', (data: Buffer) => {
          const message = JSON.parse(data.toString()) as TwilioMessage;
          application.received.push(message);
          const send = (answer: object) => {
            webSocket.send(JSON.stringify({ streamSid: message.streamSid, ...answer }));
          };
          onMessage(message, send, webSocket);
        });
      });
    });
    await new Promise<void>((resolve) => application.#server.listen(0, '127.0.0.1', resolve));
    return application;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  close(): void {
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
