import type { Agent } from 'node:http';
import twilioWebhooks from 'twilio/lib/webhooks/webhooks.js';
import { WebSocket } from 'ws';
import { MEDIA_STREAM_PATH } from './webhook-routes.ts';

export interface StreamTrial {
  /** The address Twilio was given for this server. */
  readonly publicUrl: URL;
  readonly authToken: string;
  readonly timeoutMs: number;
  readonly agent?: Agent | undefined;
}

/**
 * Opens a media stream with a signature as Twilio does, and closes it before `start`: no call begins. Rejects with the status
 * of a refusal, or with the error of the network.
 */
export function tryStream({ publicUrl, authToken, timeoutMs, agent }: StreamTrial): Promise<void> {
  const url = new URL(publicUrl.href);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  url.pathname = `${url.pathname.replace(/\/+$/u, '')}${MEDIA_STREAM_PATH}`;
  const signature = twilioWebhooks.getExpectedTwilioSignature(authToken, url.href, {});
  const socket = new WebSocket(url, {
    headers: { 'x-twilio-signature': signature },
    handshakeTimeout: timeoutMs,
    agent,
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.close();
      resolve();
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      reject(new Error(`the WebSocket is answered with ${response.statusCode ?? 'no status'}`));
    });
    socket.on('error', reject);
  });
}
