import { expect, test } from 'vitest';
import { redisAddress } from '../../../src/settings/addresses/redis-address.ts';

const read = (address: string) => redisAddress.schema.safeParse(address).data;

test('one server, with and without its parts', () => {
  const plain = { kind: 'server', tls: false, database: 0, hosts: [{ host: 'redis', port: 6379 }] };
  expect(read('redis://redis')).toMatchObject(plain);
  expect(read('redis://redis:80/')).toMatchObject({ ...plain, hosts: [{ host: 'redis', port: 80 }] });
  expect(read('rediss://me:p%40%2Fss@[::1]:7000/3')).toEqual({
    kind: 'server',
    tls: true,
    hosts: [{ host: '::1', port: 7000 }],
    username: 'me',
    password: 'p@/ss',
    database: 3,
    group: undefined,
  });
  expect(read('redis://:secret@host')).toMatchObject({ username: undefined, password: 'secret' });
  expect(read('redis://secret@host')).toMatchObject({ username: undefined, password: 'secret' });
});

test('sentinels and clusters', () => {
  expect(read('redis+sentinel://:s@a,b:26380/main/2')).toMatchObject({
    kind: 'sentinel',
    hosts: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 26_380 },
    ],
    password: 's',
    group: 'main',
    database: 2,
  });
  expect(read('rediss+cluster://a,b:7000')).toMatchObject({
    kind: 'cluster',
    tls: true,
    hosts: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7000 },
    ],
  });
});

test.each([
  '',
  'redis://',
  'redis',
  'http://host',
  'redis://a,b',
  'redis://host/x',
  'redis://host/1/2',
  'redis://host:99999',
  'redis://%E0%A4%A@host',
  'redis+sentinel://a,b',
  'redis+cluster://a/1',
  'redis+other://a',
])('no address: %s', (address) => {
  expect(read(address)).toBeUndefined();
});
