import { expect, test } from 'vitest';
import { evictionProblem, redisFacts, versionProblem } from '../../src/cluster/redis-version.ts';

const facts = (...lines: string[]) => redisFacts(['# Server', ...lines, ''].join('\r\n'));

test.each([
  ['redis_version:5.0.14', /^Redis 5\.0\.14 is too old: version 6\.2 or later is needed, or Valkey$/],
  ['redis_version:6.0.16', /6\.0\.16 is too old/],
  ['redis_version:6.2.0', undefined],
  ['redis_version:7.0.15', undefined],
  ['redis_version:10.1', undefined],
  ['redis_version:255.255.255', undefined],
  ['redis_version:unstable', undefined],
  ['nothing', undefined],
])('%s', (line, problem) => {
  const found = versionProblem(facts(line));
  if (problem) expect(found).toMatch(problem);
  else expect(found).toBeUndefined();
});

test('Valkey is recent enough in each version, whatever Redis it says to be', () => {
  const valkey = facts('redis_version:5.0.0', 'server_name:valkey', 'valkey_version:7.2.5');
  expect(valkey).toMatchObject({ product: 'Valkey', version: '7.2.5' });
  expect(versionProblem(valkey)).toBeUndefined();
});

test('a server that deletes keys is no place for live calls', () => {
  expect(evictionProblem(facts('maxmemory_policy:noeviction'))).toBeUndefined();
  expect(evictionProblem(facts('maxmemory_policy:allkeys-lru'))).toContain('allkeys-lru');
  expect(evictionProblem(facts('redis_version:7'))).toBeUndefined();
});

test('memory without a limit has none', () => {
  expect(facts('used_memory:100', 'maxmemory:0')).toMatchObject({ usedBytes: 100, limitBytes: undefined });
  expect(facts('used_memory:100', 'maxmemory:200').limitBytes).toBe(200);
});
