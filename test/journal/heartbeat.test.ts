import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Heartbeat, HeartbeatWatch, readHeartbeat } from '../../src/journal/heartbeat.ts';
import { ownFolder } from '../support/own-folder.ts';

test('a heartbeat file changes with each beat and keeps its length', () => {
  using folder = ownFolder();
  const file = path.join(folder.path, 'process');
  const heartbeat = new Heartbeat(file, '/tmp/socket');
  const seen = [1, 2, 3].map(() => {
    heartbeat.beat();
    return readFileSync(file, 'utf8');
  });
  expect(new Set(seen).size).toBe(3);
  expect(new Set(seen.map(({ length }) => length)).size).toBe(1);
  expect(readHeartbeat(file)).toEqual({ socket: '/tmp/socket', beat: 3 });
});

test('a file without a beat is no heartbeat', () => {
  using folder = ownFolder();
  const file = path.join(folder.path, 'process');
  expect(readHeartbeat(file)).toBeUndefined();
  for (const content of ['', '{', '{}', '3']) {
    writeFileSync(file, content);
    expect(readHeartbeat(file)).toBeUndefined();
  }
});

test('a process counts as ended when its beat has not changed for a minute, by our own clock', () => {
  const watch = new HeartbeatWatch();
  expect(watch.isBeating('a', { beat: 7 }, 0)).toBe(true);
  expect(watch.isBeating('a', { beat: 7 }, 59_000)).toBe(true);
  expect(watch.isBeating('a', { beat: 8 }, 90_000)).toBe(true);
  expect(watch.isBeating('a', { beat: 8 }, 149_000)).toBe(true);
  expect(watch.isBeating('a', { beat: 8 }, 150_000)).toBe(false);
});
