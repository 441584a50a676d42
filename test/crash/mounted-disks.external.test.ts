import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { exFatDisk, memoryDisk, type MountedDisk } from '../support/mounted-disk.ts';
import { runOffhook } from '../support/run-offhook.ts';
import { finishedCall, logged, saveRecording, saveTranscript } from './own-file-system.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from './own-server.ts';

const MB = 1 << 20;
const QUESTION = 'I would like to ask about an invoice.';

let disk: MountedDisk | undefined;
let ground: Ground | undefined;

afterEach(async () => {
  await ground?.clear();
  disk?.unmount();
  ground = undefined;
  disk = undefined;
});

describe('a disk that is full', () => {
  test.each([0, 4_096, 40_000, 200_000])(
    'except for %i bytes when a call begins: the call is answered, and its files are complete once there is room',
    async (exceptBytes) => {
      disk = memoryDisk(64 * MB);
      ground = await makeGround(disk.folder);
      const server = await ground.start({ DISK_RESERVE_MB: '0' });
      disk.fill(exceptBytes);
      const callSid = newSid('CA');
      const report = await placeCall({
        ...{ baseUrl: server.baseUrl, callSid },
        ...scenarioCall(doing(ASKS, HANGS_UP)),
      });
      expect(report.endedBy).toBe('caller');
      disk.empty();
      const file = path.join(disk.folder, `call_${callSid}.json`);
      await fileIsThere(file, 60_000);
      const { durationMs, turns } = JSON.parse(readFileSync(file, 'utf8')) as {
        durationMs: number;
        turns: { text: string }[];
      };
      expect(Math.abs(durationMs - report.streams[0]!.lengthMs)).toBeLessThanOrEqual(25);
      expect(turns.map(({ text }) => text)).toContain(QUESTION);
      server.signal('SIGTERM');
      expect(await server.ended).toBe(0);
      expect([ground.state('journals'), ground.state('aside')]).toEqual([[], []]);
    },
    120_000,
  );
});

test('on exFAT calls, recordings and transcripts are completed, and the start says once what is lost', async () => {
  disk = exFatDisk(128 * MB);
  ground = await makeGround(disk.folder);
  const microphone = path.join(disk.folder, 'microphone');
  const server = await ground.start({ MICROPHONE_DIRECTORY: microphone, DISK_RESERVE_MB: '0' });
  await finishedCall(ground, server);
  const saved = await saveRecording(server);
  expect(saved.status).toBe(201);
  const { name } = (await saved.json()) as { name: string };
  expect((await saveTranscript(server, name)).status).toBe(200);
  expect(readFileSync(path.join(microphone, name.replace('.wav', '.txt')), 'utf8')).toBe('An invoice.');
  const missing = logged(server, 'file system limit').map((line) =>
    String(line['missing']).replace(/ \(.*/, ''),
  );
  expect(missing.sort()).toEqual(['no Unix sockets', 'no file permissions', 'no hard links']);
  expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
}, 120_000);

describe('a read-only mount', () => {
  test.each(['RECORDINGS_DIRECTORY', 'MICROPHONE_DIRECTORY'])(
    'as %s is refused at the start, in one sentence',
    async (setting) => {
      disk = memoryDisk(64 * MB);
      disk.makeReadOnly();
      const { status, stderr } = await runOffhook('serve', [], { [setting]: disk.folder, PORT: '0' });
      expect(status).toBe(2);
      expect(stderr.match(/EROFS/g)).toHaveLength(1);
      expect(stderr).toMatch(
        new RegExp(`${setting} is .* must be a directory that can be created and written`),
      );
    },
    60_000,
  );

  test('that appears while the server runs refuses microphone recordings, not calls', async () => {
    disk = memoryDisk(64 * MB);
    ground = await makeGround();
    const server = await ground.start({ MICROPHONE_DIRECTORY: disk.folder, DISK_RESERVE_MB: '0' });
    disk.makeReadOnly();
    await finishedCall(ground, server);
    const saved = await saveRecording(server);
    expect(saved.status).toBe(507);
    expect(await saved.text()).toContain('The disk of the server is read-only.');
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
  }, 60_000);
});
