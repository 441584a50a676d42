import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RingResult } from '../../src/call/call-registry-options.ts';
import type { CallRegistry } from '../../src/call/call-registry.ts';
import { FailedAttemptLimiter } from '../../src/http/auth/failed-attempt-limiter.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { createLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { TwilioRequests } from '../../src/simulator/phone/twilio-requests.ts';
import { TwilioGateway } from '../../src/telephony/twilio-gateway.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const IDENTITY = { callSid: SID, from: '+15550100', to: '+15550199' };
const FORM = { CallSid: SID, From: IDENTITY.from, To: IDENTITY.to, CallStatus: 'ringing' };
const SETTINGS = readSettings({}, { dotEnv: {}, audioConfig: {} }, '.');

/** What the gateway asked of calls and recovery, in order. */
let asked: string[];
let acquired: boolean | undefined;
let ringResult: RingResult;
let server: Server;
let gateway: TwilioGateway;

beforeEach(async () => {
  asked = [];
  acquired = undefined;
  ringResult = 'welcome';
  if (!SETTINGS.ok) throw new Error(SETTINGS.errors.join('\n'));
  const calls = {
    ring: () => (asked.push('ring'), ringResult),
    continues: () => asked.push('goes on') > 0,
    completed: () => asked.push('completed'),
  };
  gateway = new TwilioGateway({
    settings: SETTINGS.settings,
    log: createLog({ level: 'silent' }),
    calls: calls as unknown as CallRegistry<Journal>,
    ownership: {
      acquire: () => {
        asked.push('acquire');
        return acquired === undefined ? undefined : Promise.resolve(acquired);
      },
    },
    limit: new FailedAttemptLimiter(),
    now: () => 1_000,
    terminator: { endCall: () => Promise.reject(new Error('REST is down')) },
    ringing: () => asked.push('ringing'),
  });
  server = createServer(express().use(gateway.routes())).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const post = (path: string, form: Record<string, string> = FORM) =>
  new TwilioRequests({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }).post(
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

  it('reports that Twilio could not be asked to end a call', async () => {
    expect(await gateway.endCall(SID)).toBe(false);
  });
});
