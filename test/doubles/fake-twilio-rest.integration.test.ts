import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeTwilioRest } from './fake-twilio-rest.ts';
import { startFakeTwilioRest } from './fake-twilio-rest.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const CALL = `CA${'2'.repeat(32)}`;

/** The twilio package's own client, sent to another address. */
class ClientTo extends twilio.RequestClient {
  readonly #base: string;
  constructor(base: string) {
    super();
    this.#base = base;
  }
  override request<Data>(options: Parameters<typeof twilio.RequestClient.prototype.request<Data>>[0]) {
    const url = new URL(options.uri);
    const { protocol, host } = new URL(this.#base);
    return super.request<Data>({ ...options, uri: Object.assign(url, { protocol, host }).href });
  }
}

const running: FakeTwilioRest[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(token = 'secret') {
  const live = new Set([CALL]);
  const server = await startFakeTwilioRest({
    ...{ accountSid: ACCOUNT, authToken: 'secret' },
    hangUp: (callSid) => live.delete(callSid),
  });
  running.push(server);
  const client = twilio(ACCOUNT, token, { httpClient: new ClientTo(server.url) });
  return { server, end: (sid = CALL) => client.calls(sid).update({ status: 'completed' }) };
}

describe('the fake Twilio REST API', () => {
  it('ends a call in progress once, and does not know it afterwards', async () => {
    const { server, end } = await start();
    expect((await end()).status).toBe('completed');
    await expect(end()).rejects.toMatchObject({ status: 400, code: 21220 });
    expect(server.requests.map(({ callSid, fields, status }) => [callSid, fields, status])).toEqual([
      [CALL, { Status: 'completed' }, 200],
      [CALL, { Status: 'completed' }, 400],
    ]);
  });

  it('refuses a wrong token', async () => {
    const { end } = await start('wrong');
    await expect(end()).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  it('fails as configured, as often as configured', async () => {
    const { server, end } = await start();
    server.setFault({ kind: 'status', status: 503 }, 1);
    await expect(end()).rejects.toMatchObject({ status: 503 });
    server.setFault({ kind: 'refuse' }, 1);
    await expect(end()).rejects.toThrow();
    expect((await end()).status).toBe('completed');
  });
});
