import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallIdentity } from '../../src/call/call-options.ts';
import type { RingResult } from '../../src/call/call-registry-options.ts';
import type { CallRegistry } from '../../src/call/call-registry.ts';
import { FailedAttemptLimiter } from '../../src/http/auth/failed-attempt-limiter.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { createLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { TwilioRequests } from '../../src/simulator/phone/twilio-requests.ts';
import { ProcessTelephoneCalls } from '../../src/telephony/telephone-calls.ts';
import { EmbeddedTickets } from '../../src/telephony/twilio/stream-tickets.ts';
import { TwilioGateway } from '../../src/telephony/twilio-gateway.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const IDENTITY = { callSid: SID, from: '+15550100', to: '+15550199' };
const FORM = { CallSid: SID, From: IDENTITY.from, To: IDENTITY.to, CallStatus: 'ringing' };

/** What the gateway asked of calls and recovery, in order. */
let asked: string[];
/** The numbers that rang. */
let callers: string[];
let acquired: boolean | undefined;
let ringResult: RingResult;
let server: Server | undefined;
let gateway: TwilioGateway;
let telephone: ProcessTelephoneCalls;

beforeEach(() => start({}));

async function start(env: Record<string, string>): Promise<void> {
  await stop();
  const result = readSettings(env, { dotEnv: {}, audioConfig: {} }, '.');
  if (!result.ok) throw new Error(result.errors.join('\n'));
  asked = [];
  callers = [];
  acquired = undefined;
  ringResult = 'accepted';
  const calls = {
    ring: ({ from }: CallIdentity) => (asked.push('ring'), callers.push(from), ringResult),
    continues: () => asked.push('goes on') > 0,
    completed: () => asked.push('completed'),
  };
  const { settings } = result;
  const log = createLog({ level: 'silent' });
  const now = (): number => 1_000;
  telephone = new ProcessTelephoneCalls({
    calls: calls as unknown as CallRegistry<Journal>,
    ownership: {
      beginsAnew: () => false,
      acquire: () => {
        asked.push('acquire');
        return acquired === undefined ? undefined : Promise.resolve(acquired);
      },
    },
    ...{
      log,
      clock: { now },
      path: '/media-stream',
      tickets: { store: new EmbeddedTickets(), required: settings.twilio.authToken !== undefined },
    },
    terminator: { endCall: () => Promise.reject(new Error('REST is down')) },
    ringing: () => asked.push('ringing'),
  });
  const limit = new FailedAttemptLimiter();
  gateway = new TwilioGateway({ settings, log, calls: telephone, streams: telephone, limit, now });
  server = createServer(express().use(gateway.routes())).listen(0, '127.0.0.1');
  await new Promise((resolve) => server!.once('listening', resolve));
}

async function stop(): Promise<void> {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
}

afterEach(stop);

const post = (path: string, form: Record<string, string> = FORM) =>
  new TwilioRequests({ baseUrl: `http://127.0.0.1:${(server!.address() as AddressInfo).port}` }).post(
    path,
    form,
  );

describe('TwilioGateway', () => {
  it('recovers a call of a crashed process before it rings', async () => {
    const { body } = await post('/incoming-call');
    expect(asked).toEqual(['acquire', 'ring', 'ringing']);
    expect(body).toContain('<Stream');
  });

  it('does not ring a call that another live process holds', async () => {
    acquired = false;
    const { body } = await post('/incoming-call');
    expect(asked).toEqual(['acquire']);
    expect(body).toContain('<Hangup');
    expect(body).not.toContain('<Stream');
  });

  it('opens no connections to services for a refused call', async () => {
    ringResult = 'busy';
    const { body } = await post('/incoming-call');
    expect(asked).toEqual(['acquire', 'ring']);
    expect(body).not.toContain('<Stream');
  });

  it('recovers a call before it continues or is completed', async () => {
    await post('/incoming-call/continued', { ...FORM, CallStatus: 'in-progress' });
    await post('/call-status', { ...FORM, CallStatus: 'completed' });
    expect(asked).toEqual(['acquire', 'goes on', 'acquire', 'completed']);
  });

  it('refuses a webhook without a valid CallSid', async () => {
    expect((await post('/incoming-call', { ...FORM, CallSid: 'CA1' })).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('takes a withheld number in every form as one value', async () => {
    for (const From of [
      '+266696687',
      'Anonymous',
      '',
      '+7378742833',
      'sip:anonymous@anonymous.invalid',
      'Unknown',
    ])
      await post('/incoming-call', { ...FORM, From });
    expect(new Set(callers)).toEqual(new Set(['number withheld']));
    expect(callers).toHaveLength(6);
  });

  describe('with GET', () => {
    const publicUrl = 'https://phone.example.com';
    const authToken = '12345678901234567890123456789012';
    const query = (fields: object) => new URLSearchParams({ ...FORM, ...fields }).toString();
    const get = async (pathAndQuery: string, signed = pathAndQuery) => {
      const { port } = server!.address() as AddressInfo;
      const signature = twilio.getExpectedTwilioSignature(authToken, publicUrl + signed, {});
      const headers = { 'x-twilio-signature': signature };
      const response = await fetch(`http://127.0.0.1:${port}${pathAndQuery}`, { headers });
      return { status: response.status, body: await response.text() };
    };
    const withToken = { PUBLIC_URL: publicUrl, TWILIO_AUTH_TOKEN: authToken };

    it('answers a signed call, and one with an empty number', async () => {
      await start(withToken);
      const { status, body } = await get(`/incoming-call?${query({})}`);
      expect([status, asked]).toEqual([200, ['acquire', 'ring', 'ringing']]);
      expect(body).toContain('<Stream');
      expect((await get(`/incoming-call?${query({ From: '' })}`)).status).toBe(200);
      expect(callers).toEqual([IDENTITY.from, 'number withheld']);
    });

    it('takes a signed call status', async () => {
      await start(withToken);
      expect((await get(`/call-status?${query({ CallStatus: 'completed' })}`)).status).toBe(204);
      expect(asked).toEqual(['acquire', 'completed']);
    });

    it.each([
      ['unsigned', withToken, '/incoming-call'],
      ['with a field changed', withToken, `/incoming-call?${query({ From: '+1' })}`],
      ['on a server without a token, from this machine too', {}, undefined],
    ])('refuses a call %s', async (_, env, signed) => {
      await start(env);
      expect((await get(`/incoming-call?${query({})}`, signed)).status).toBe(403);
      expect(asked).toEqual([]);
    });
  });

  it('reports that Twilio could not be asked to end a call', async () => {
    expect(await telephone.endCall(SID)).toBe(false);
  });
});
