import { describe, expect, test } from 'vitest';
import { startFakeTwilioRest } from '../doubles/fake-twilio-rest.ts';
import { Offhook, TWILIO } from '../support/test-server.ts';
import { unusedPort } from '../support/unused-port.ts';

test('a service that is down is reported at the start, before a call needs it', async () => {
  const server = `127.0.0.1:${await unusedPort()}`;
  const offhook = await Offhook.start({ CHAT_BASE_URL: `http://${server}/v1` });
  try {
    await offhook.logs(/"service request failed"/u);
    expect(await offhook.health()).toMatchObject({
      status: 'degraded',
      problems: [expect.stringMatching(/^chat: .*: connect ECONNREFUSED .* \(since \d{4}-.*Z\)$/u)],
      failing: [{ service: 'chat', server, cause: `connect ECONNREFUSED ${server}` }],
      failedServiceRequests: 1,
    });
  } finally {
    await offhook.close();
  }
});

test('no service is asked if checks are disabled', async () => {
  const address = `http://127.0.0.1:${await unusedPort()}/v1`;
  const offhook = await Offhook.start({ CHAT_BASE_URL: address, SERVICE_CHECK_MINUTES: '0' });
  try {
    expect(await offhook.health()).toMatchObject({ status: 'ok', failedServiceRequests: 0 });
  } finally {
    await offhook.close();
  }
});

describe('before a call needs it, /health names with its cause and time', () => {
  const problemsOf = async (offhook: Offhook) => (await offhook.health())['problems'];

  test('a database that is down, until it is there', async () => {
    const port = await unusedPort();
    const offhook = await Offhook.start(
      { DATABASE_URL: `postgres://user:secret@127.0.0.1:${port}/calls` },
      { catalogue: true },
    );
    try {
      await offhook.logs(/"service":"database".*"dependency does not work"/u);
      expect(await offhook.health()).toMatchObject({
        status: 'degraded',
        problems: [expect.stringMatching(/^database: .*ECONNREFUSED .* \(since \d{4}-.*Z\)$/u)],
        failing: [{ service: 'database', cause: expect.stringContaining('ECONNREFUSED') as string }],
      });
      expect(offhook.logged.join('\n')).not.toContain('secret');
    } finally {
      await offhook.close();
    }
  });

  test('a token that Twilio does not accept', async () => {
    const twilio = await startFakeTwilioRest({
      accountSid: TWILIO.accountSid,
      authToken: 'f'.repeat(32),
      numbers: [],
    });
    const settings = {
      TWILIO_ACCOUNT_SID: TWILIO.accountSid,
      TWILIO_AUTH_TOKEN: TWILIO.authToken,
      TWILIO_API_BASE_URL: twilio.url,
      PUBLIC_URL: TWILIO.publicUrl,
      API_TOKEN: 'a-program',
    };
    const offhook = await Offhook.start(settings);
    try {
      await offhook.logs(/"service":"telephony".*"dependency does not work"/u);
      expect(await problemsOf(offhook)).toEqual([
        expect.stringMatching(
          /^telephony: Twilio rejects TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN \(error 20003\): calls are refused until they are right \(since /u,
        ),
      ]);
    } finally {
      await offhook.close();
      await twilio.close();
    }
  });

  test('an object store that is not reached', async () => {
    const endpoint = `http://127.0.0.1:${await unusedPort()}`;
    const offhook = await Offhook.start({
      ...{ RECORDINGS_STORE: 's3://bucket', S3_ENDPOINT: endpoint },
      ...{ S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' },
    });
    try {
      await offhook.logs(/"service":"object store".*"dependency does not work"/u);
      expect(await problemsOf(offhook)).toEqual([
        expect.stringMatching(/^object store: .*ECONNREFUSED .*\(since /u),
      ]);
    } finally {
      await offhook.close();
    }
  });

  test('nothing, if checks are disabled', async () => {
    const url = `postgres://user@127.0.0.1:${await unusedPort()}/calls`;
    const offhook = await Offhook.start(
      { DATABASE_URL: url, SERVICE_CHECK_MINUTES: '0' },
      { catalogue: true },
    );
    try {
      expect(await problemsOf(offhook)).toBeUndefined();
    } finally {
      await offhook.close();
    }
  });
});
