import { afterAll, beforeAll, expect, test } from 'vitest';
import { comesTrue } from '../../support/comes-true.ts';
import { type TlsServer, startedTls } from '../../support/redis-processes.ts';
import { runOffhook } from '../../support/run-offhook.ts';
import { servedOffhook } from '../../support/served-offhook.ts';

/** The rights that docs/operations.md gives the user of offhook. */
const RIGHTS = [
  '~offhook:*',
  '~{offhook:jobs}:*',
  '&offhook:*',
  '&{offhook:jobs}:*',
  '+@all',
  '-@dangerous',
  '+info',
];

let redis: TlsServer;
beforeAll(async () => {
  redis = await startedTls(RIGHTS);
});
afterAll(() => redis.end());

const doctor = async (env: Record<string, string>): Promise<string> => {
  const { stdout } = await runOffhook('doctor', [], { REDIS_URL: redis.url, ...env });
  return stdout
    .split('\n')
    .filter((line) => line.includes('Redis'))
    .join('\n');
};

test('a server with a certificate of its own authority is used if Node.js knows the authority', async () => {
  const [trusted, untrusted] = await Promise.all([
    doctor({ NODE_EXTRA_CA_CERTS: redis.authority }),
    doctor({}),
  ]);
  expect(trusted).toMatch(/over TLS takes writes, answers in/);
  expect(untrusted).toMatch(/certificate/);
  expect(untrusted).not.toContain('takes writes');
});

test('a server shares everything with a user of few rights, over TLS', async () => {
  const server = await servedOffhook({ REDIS_URL: redis.url, NODE_EXTRA_CA_CERTS: redis.authority });
  try {
    await comesTrue('it does the scheduled work', async () => {
      return (await server.health())['scheduledWork'] === 'this machine';
    });
    const call = new URLSearchParams({ CallSid: `CA${'3'.repeat(32)}`, From: '1', To: '2' });
    const answer = await fetch(`${server.url}/incoming-call`, { method: 'POST', body: call });
    expect(await answer.text()).toContain('<Stream');
    expect((await server.health())['problems']).toBeUndefined();
  } finally {
    expect(await server.stop()).toBe(0);
  }
});
