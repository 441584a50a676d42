import express from 'express';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Authenticator } from '../../src/http/auth/authenticator.ts';
import { bodyLimits } from '../../src/http/body-limits.ts';
import { createLimitedServer, TIME_LIMITS } from '../../src/http/limited-server.ts';
import { DiskReserve } from '../../src/microphone/recordings/disk-reserve.ts';
import { createMicrophoneRouter, type RecordingStore } from '../../src/microphone/microphone-router.ts';

const NO_RESERVE = new DiskReserve({
  reserveBytes: 0,
  space: () => Promise.resolve({ freeBytes: 1, totalBytes: 1 }),
});

let server: ReturnType<typeof createLimitedServer>;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('the connection of a refused upload is closed, even if its body does not pause', async () => {
  const app = express();
  app.use(bodyLimits({ smallBodyMs: 100, uploadIdleMs: TIME_LIMITS.uploadIdleMs }));
  const authenticator = {
    authenticate: () => ({ admitted: false, status: 403, sentence: 'Refused.' }),
  } as unknown as Authenticator;
  app.use(createMicrophoneRouter({ authenticator, recordings: {} as RecordingStore, reserve: NO_RESERVE }));
  server = createLimitedServer(app, { ...TIME_LIMITS, connections: 10 });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('error', () => undefined).on('data', (text: string) => (answer += text));
  socket.write('POST /save_recording HTTP/1.1\r\nHost: evil\r\nContent-Length: 1000\r\n\r\na');
  const sending = setInterval(() => socket.write('a'), 10);
  await new Promise((closed) => socket.once('close', closed));
  clearInterval(sending);
  expect(answer).toContain('HTTP/1.1 403');
});
