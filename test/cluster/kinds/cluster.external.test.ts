import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRedis } from '../../../src/cli/health/redis-check.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { redisMachinePromises } from '../../suites/redis-machines.ts';
import { type ClusterGroup, startedCluster } from '../../support/redis-processes.ts';

let group: ClusterGroup;
beforeAll(async () => {
  group = await startedCluster();
});
afterAll(() => group.end());

describe('a cluster of three masters', () => {
  redisMachinePromises(() => group.url);

  test('is named by doctor', async () => {
    const read = readSettings({ REDIS_URL: group.url }, { dotEnv: {}, audioConfig: {} }, '/');
    if (!read.ok) throw new Error(read.errors.join('\n'));
    expect((await checkRedis(read.settings))[0]).toMatchObject({
      verdict: 'ok',
      found: expect.stringContaining('cluster of 3 masters takes writes') as unknown,
    });
  });
});
