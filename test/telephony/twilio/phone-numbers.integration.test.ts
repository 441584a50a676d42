import { afterEach, describe, expect, test } from 'vitest';
import { TwilioNumbers } from '../../../src/telephony/twilio/phone-numbers.ts';
import { TwilioRestClient } from '../../../src/telephony/twilio/rest-client.ts';
import { type FakeNumber, fakeNumber } from '../../doubles/fake-twilio-numbers.ts';
import { type FakeTwilioRest, startFakeTwilioRest } from '../../doubles/fake-twilio-rest.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
let server: FakeTwilioRest | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function account(numbers: readonly FakeNumber[], authToken = 'secret', largestPage?: number) {
  const size = largestPage === undefined ? {} : { largestPage };
  server = await startFakeTwilioRest({ accountSid: ACCOUNT, authToken: 'secret', numbers, ...size });
  const access = { accountSid: ACCOUNT, authToken, apiBaseUrl: server.url };
  return { server, numbers: new TwilioNumbers(access), rest: new TwilioRestClient(access) };
}

describe('the numbers of a Twilio account', () => {
  test('are listed across pages', async () => {
    const all = Array.from({ length: 7 }, (_, n) => fakeNumber(`+1555010${n}`));
    const { numbers, server: twilio } = await account(all, 'secret', 3);
    expect((await numbers.list()).map(({ phoneNumber }) => phoneNumber)).toEqual(
      all.map(({ phone_number }) => phone_number),
    );
    expect(twilio.all.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
  });

  test('have their routing, with absent values as empty texts', async () => {
    const { numbers } = await account([
      fakeNumber('+15550100', {
        voice_application_sid: 'AP1',
        capabilities: { voice: false, sms: true, mms: true },
      }),
    ]);
    expect(await numbers.list()).toEqual([
      {
        sid: expect.stringMatching(/^PN\d{32}$/u) as string,
        phoneNumber: '+15550100',
        name: '+15550100',
        receivesCalls: false,
        routing: {
          voiceUrl: 'https://demo.twilio.com/welcome/voice/',
          voiceMethod: 'POST',
          voiceFallbackUrl: '',
          voiceFallbackMethod: 'POST',
          statusCallback: '',
          statusCallbackMethod: 'POST',
          voiceApplicationSid: 'AP1',
          trunkSid: '',
        },
      },
    ]);
  });

  test('change by the sent values alone', async () => {
    const number = fakeNumber('+15550100', { trunk_sid: 'TK1' });
    const { numbers, server: twilio } = await account([number]);
    const url = 'https://example.com/incoming-call?a=1&b=ü';
    const { routing } = await numbers.update(number.sid, { voiceUrl: url, trunkSid: '' });
    expect(routing).toMatchObject({ voiceUrl: url, trunkSid: '', voiceMethod: 'POST' });
    expect(number).toMatchObject({ voice_url: url, trunk_sid: null });
    expect(twilio.all).toEqual([
      {
        method: 'POST',
        path: `/IncomingPhoneNumbers/${number.sid}.json`,
        fields: { VoiceUrl: url, TrunkSid: '' },
      },
    ]);
    expect((await numbers.fetch(number.sid)).routing).toEqual(routing);
  });

  test.each([
    ['an invalid address', { voiceUrl: 'example' }, { status: 400, code: 21402 }],
    ['an invalid method', { voiceMethod: 'PUT' }, { status: 400, code: 21403 }],
    [
      'a fallback without an address',
      { voiceUrl: '', voiceFallbackUrl: 'https://a.example' },
      { code: 21405 },
    ],
  ])('are not changed by %s', async (_what, routing, error) => {
    const number = fakeNumber('+15550100');
    const { numbers } = await account([number]);
    const before = { ...number };
    await expect(numbers.update(number.sid, routing)).rejects.toMatchObject(error);
    expect(number).toEqual(before);
  });

  test('are unknown to other accounts and to wrong tokens', async () => {
    const { numbers } = await account([]);
    await expect(numbers.fetch(`PN${'9'.repeat(32)}`)).rejects.toMatchObject({ status: 404, code: 20404 });
    await server?.close();
    const { numbers: refused, rest } = await account([fakeNumber('+15550100')], 'wrong');
    await expect(refused.list()).rejects.toMatchObject({ status: 401, code: 20003 });
    await expect(rest.accountStatus()).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  test('belong to an account with a status', async () => {
    const { rest } = await account([]);
    expect(await rest.accountStatus()).toBe('active');
  });
});
