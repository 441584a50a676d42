import { expect, test } from 'vitest';
import { Offhook } from '../support/test-server.ts';
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
