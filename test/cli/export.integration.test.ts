import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import yauzl from 'yauzl';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { EXPORT_KINDS } from '../../src/cli/export-kinds.ts';
import { exportCalls, usualTarget } from '../../src/cli/export.ts';
import { callsBetween } from '../../src/cli/period-export.ts';
import type { CallRecord } from '../../src/records/call-record.ts';
import { readSettings, type Settings } from '../../src/settings/settings.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { openOffice } from '../support/call-storage.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { ownFolder } from '../support/own-folder.ts';
import { leaveCalls } from '../support/written-calls.ts';

const HOUR_MS = 3_600_000;
const AT_MS = Date.parse('2026-07-13T10:00:00Z');
const CALLS = [3, 1, 2].map((number) => ({ callSid: sidOf(number), startedAtMs: AT_MS + number * HOUR_MS }));

let disk: ReturnType<typeof ownFolder>;
let out: string;

beforeEach(() => {
  disk = ownFolder();
  mkdirSync(path.join(disk.path, 'responses'));
  out = path.join(disk.path, 'out');
});
afterEach(() => disk[Symbol.dispose]());

const folder = () => path.join(disk.path, 'responses');

function settingsOf(more: Record<string, string> = {}): Settings {
  const env = { RECORDINGS_DIRECTORY: folder(), ...more };
  const result = readSettings(env, { dotEnv: {}, audioConfig: {} }, disk.path);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

/** Names in order, and what each holds, read by another's reader. */
async function unzipped(file: string): Promise<Map<string, { bytes: Buffer; method: number }>> {
  const zip = await promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)(file, { lazyEntries: true });
  const found = new Map<string, { bytes: Buffer; method: number }>();
  return new Promise((resolve, reject) => {
    zip.on('error', reject).on('end', () => resolve(found));
    zip.on('entry', (entry: yauzl.Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        buffer(stream).then((bytes) => {
          found.set(entry.fileName, { bytes, method: entry.compressionMethod });
          zip.readEntry();
        }, reject);
      });
    });
    zip.readEntry();
  });
}

const namesOf = (number: number): string[] =>
  ['_conversation.wav', '.txt', '_summary.txt', '.json'].map((end) => `call_${sidOf(number)}${end}`);

describe('the export of a period', () => {
  test('is a ZIP, earliest call first, audio uncompressed, each file as it is on disk', async () => {
    await leaveCalls(folder(), CALLS);
    const before = AT_MS + 3 * HOUR_MS;
    expect(await exportCalls({ as: 'zip', from: AT_MS + HOUR_MS, before, out }, settingsOf())).toBe(
      EXIT.done,
    );
    const files = await unzipped(out);
    expect([...files.keys()]).toEqual([...namesOf(1), ...namesOf(2)]);
    for (const [name, { bytes, method }] of files) {
      expect(bytes.equals(readFileSync(path.join(folder(), name)))).toBe(true);
      expect(method).toBe(name.endsWith('.wav') ? 0 : 8);
    }
    expect(readdirSync(disk.path).sort()).toEqual(['out', 'responses']);
  });

  test('can be JSON Lines', async () => {
    await leaveCalls(folder(), CALLS);
    expect(await exportCalls({ as: 'jsonl', out }, settingsOf())).toBe(EXIT.done);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    const calls = lines.map((line) => JSON.parse(line) as CallRecord);
    expect(calls.map(({ callSid }) => callSid)).toEqual([1, 2, 3].map(sidOf));
    const there = readFileSync(path.join(folder(), `call_${sidOf(1)}.json`), 'utf8');
    expect(calls[0]).toEqual(JSON.parse(there));
  });

  test.each(['{"version":', 'null', '{"startedAt":"2026-07-13T12:00:00.000Z"}', '{"files":{}}'])(
    'is incomplete if the .json of a call is %s',
    async (content) => {
      await leaveCalls(folder(), CALLS);
      writeFileSync(path.join(folder(), `call_${sidOf(2)}.json`), content);
      expect((await callsBetween(new DataDirectory(folder()), {})).unreadable).toEqual([sidOf(2)]);
      expect(await exportCalls({ as: 'jsonl', out }, settingsOf())).toBe(EXIT.inPart);
      const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as CallRecord).callSid)).toEqual([1, 3].map(sidOf));
    },
  );

  test('is ignored by git in its default directory', () => {
    const ignored = readFileSync(new URL('../../.gitignore', import.meta.url), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(EXPORT_KINDS.map((kind) => `/${usualTarget(kind)}*`)));
  });

  test('is complete from the object store, and names what is missing everywhere', async () => {
    mkdirSync(path.join(disk.path, 'server'));
    const store = await ObjectStore.start(path.join(disk.path, 'server'));
    const url = `s3://${BUCKET}/desk`;
    const env = {
      ...{ RECORDINGS_STORE: url, S3_ENDPOINT: store.endpoint },
      ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
    };
    await leaveCalls(folder(), CALLS.slice(0, 1), {
      store: url,
      receipts: new DataDirectory(folder()).receipts,
    });
    const recording = path.join(folder(), namesOf(3)[0]!);
    const sound = readFileSync(recording);
    const { maintenance, end } = await openOffice(folder(), env);
    await maintenance.resumeUploads();
    await comesTrue('the recording has left the folder', () => !existsSync(recording));
    await end();
    expect(await exportCalls({ as: 'zip', out }, settingsOf(env))).toBe(EXIT.done);
    const files = await unzipped(out);
    expect([...files.keys()]).toEqual(namesOf(3));
    expect(files.get(namesOf(3)[0]!)!.bytes.equals(sound)).toBe(true);
    expect(await exportCalls({ as: 'zip', out }, settingsOf())).toBe(EXIT.inPart);
    expect([...(await unzipped(out)).keys()]).toEqual(namesOf(3).slice(1));
    await store.goDown();
    await expect(exportCalls({ as: 'zip', out: `${out}2` }, settingsOf(env))).rejects.toThrow();
    expect(existsSync(`${out}2`)).toBe(false);
    await store.stop();
  });
});
