import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerQuestions } from './ask.ts';
import { processFigures } from './process-figures.ts';

/** The minimum work of any media stream server: reads a frame, decodes it, sends one back. */
const figures = processFigures();
const sockets = new WebSocketServer({ noServer: true, path: '/media-stream', perMessageDeflate: false });
sockets.on('connection', (socket) => {
  let streamSid = '';
  socket.on('error', () => socket.terminate());
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      event: string;
      streamSid?: string;
      media?: { payload: string };
    };
    if (message.event === 'start') streamSid = message.streamSid ?? '';
    if (message.event !== 'media' || !message.media) return;
    const sound = Buffer.from(message.media.payload, 'base64');
    const media = { payload: sound.toString('base64') };
    socket.send(JSON.stringify({ event: 'media', streamSid, media }));
  });
});

answerQuestions({
  /** `key` and `cert`: for TLS, in PEM. */
  listen: (secrets: { readonly key?: string; readonly cert?: string }) =>
    new Promise((resolve) => {
      const server = secrets.key === undefined ? createServer() : createTlsServer(secrets);
      server.on('upgrade', (request, socket, head) => {
        sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
      });
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
  begin: figures.begin,
  end: figures.end,
  liveBytes: figures.liveBytes,
});
