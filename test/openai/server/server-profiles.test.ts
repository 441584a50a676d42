import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServerProfiles } from '../../../src/openai/server/server-profiles.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const CHAT = { baseUrl: 'http://127.0.0.1:8000/v1', model: 'gemma' };

describe('ServerProfiles', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'offhook-profiles-'));
    file = path.join(folder, 'state', 'services.json');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test('keep what was learned of each server and model across restarts', async () => {
    const profiles = new ServerProfiles({ file });
    profiles.of('chat', CHAT).learn({ roles: 'alternating' });
    profiles.of('chat', CHAT).learn({ refusedFields: ['reasoning_effort'] });
    profiles.of('chat', { ...CHAT, model: 'other' }).learn({ contextCharacters: 4_000 });
    await profiles.saved();
    const restarted = new ServerProfiles({ file });
    expect(restarted.of('chat', CHAT).value).toEqual({
      roles: 'alternating',
      refusedFields: ['reasoning_effort'],
    });
    expect(restarted.of('speech', CHAT).value).toEqual({});
    expect(restarted.entries).toHaveLength(2);
  });

  test('forget after 30 days', async () => {
    let nowMs = Date.parse('2026-11-01T00:00:00Z');
    const now = () => nowMs;
    const profiles = new ServerProfiles({ file, now });
    profiles.of('chat', CHAT).learn({ roles: 'no-system' });
    await profiles.saved();
    nowMs += 29 * DAY_MS;
    expect(new ServerProfiles({ file, now }).entries).toHaveLength(1);
    nowMs += 2 * DAY_MS;
    expect(new ServerProfiles({ file, now }).entries).toEqual([]);
  });

  test('write the file only if something is new', async () => {
    const profiles = new ServerProfiles({ file });
    profiles.of('chat', CHAT).learn({ roles: 'alternating' });
    await profiles.saved();
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, 'untouched');
    profiles.of('chat', CHAT).learn({ roles: 'alternating' });
    await profiles.saved();
    expect(readFileSync(file, 'utf8')).toBe('untouched');
    expect(written).not.toBe('untouched');
  });

  test.each(['', 'no JSON', '{}', '[{"service":"chat"}]', '[1]'])(
    'start empty from a damaged file: %j',
    (text) => {
      const damaged = path.join(folder, 'damaged.json');
      writeFileSync(damaged, text);
      expect(new ServerProfiles({ file: damaged }).entries).toEqual([]);
    },
  );

  test('learn in memory where the file cannot be written', async () => {
    writeFileSync(path.join(folder, 'state'), 'a file, not a directory');
    const profiles = new ServerProfiles({ file });
    profiles.of('chat', CHAT).learn({ roles: 'alternating' });
    await profiles.saved();
    expect(profiles.of('chat', CHAT).value).toEqual({ roles: 'alternating' });
  });
});
