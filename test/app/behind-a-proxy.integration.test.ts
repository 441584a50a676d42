import { afterAll, describe, expect, it } from 'vitest';
import { DeskClient } from '../support/desk-client.ts';
import { RawStream } from '../support/raw-stream.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';

/** As a TCP forwarder or nginx without `proxy_set_header` hands requests on: nothing tells them from local ones. */
const BARE = {};
const PUBLIC = { PUBLIC_URL: 'https://phone.example.test' };
const TOKEN = { TWILIO_AUTH_TOKEN: SIGNED.TWILIO_AUTH_TOKEN, PUBLIC_URL: 'http://localhost:8000' };
const DATA = [
  ...['/api/calls', '/api/figures', '/list_recordings', '/recordings/recording_20260713_103000.wav'],
  ...[
    '/audio/formats',
    '/openapi.json',
    '/asyncapi.json',
    '/metrics',
    `/api/calls/CA${'0'.repeat(32)}/audio`,
  ],
];
const open: Offhook[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

async function start(settings: Record<string, string>): Promise<Offhook> {
  const offhook = await Offhook.start(settings, { catalogue: true });
  open.push(offhook);
  return offhook;
}

describe.concurrent.each([
  ['a public address', PUBLIC],
  ['a Twilio token', TOKEN],
])('with %s and no password', (_, settings) => {
  it('only telephone routes and the status are served, and the refusal names the setting', async () => {
    const offhook = await start(settings);
    for (const path of DATA) {
      const answer = await fetch(offhook.url + path, { headers: BARE });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(((await answer.json()) as { detail: string }).detail).toContain('ADMIN_PASSWORD');
    }
    const remove = `${offhook.url}/api/calls/CA${'0'.repeat(32)}`;
    expect((await fetch(remove, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(`${offhook.url}/phone/calls`, { method: 'POST' })).status).toBe(403);
    await expect(DeskClient.open(offhook.url, { headers: BARE })).rejects.toThrow('403');
    for (const socket of ['/ws', '/phone/stream', '/media-stream'])
      expect(await RawStream.refusal(offhook, socket, BARE)).toBe(403);
    expect((await fetch(`${offhook.url}/incoming-call`, { method: 'POST' })).status).toBe(403);
    expect(await offhook.health()).toEqual({ status: 'ok' });
  });

  it('a request with the API token is admitted, one without is refused', async () => {
    const offhook = await start({ ...settings, API_TOKEN: 'program' });
    const headers = { authorization: 'Bearer program' };
    expect((await fetch(`${offhook.url}/api/calls`, { headers })).status).toBe(200);
    expect((await fetch(`${offhook.url}/api/calls`)).status).toBe(403);
  });
});

it('requests of this machine are local with a loopback address and no Twilio token', async () => {
  const offhook = await start({ PUBLIC_URL: 'http://localhost:8000' });
  expect((await fetch(`${offhook.url}/api/calls`)).status).toBe(200);
});
