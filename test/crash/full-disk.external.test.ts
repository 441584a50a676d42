import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { limitFiles } from '../support/file-limit.ts';
import { differing, readKept } from './kept-sound.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from './own-server.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await makeGround();
});

afterAll(() => ground.clear());

test(
  'a disk that is full during a call and after it loses nothing once there is room',
  { timeout: 60_000 },
  async () => {
    const server = await ground.start();
    const callSid = newSid('CA');
    let lift: (() => void) | undefined;
    const report = await placeCall({
      baseUrl: server.baseUrl,
      callSid,
      ...scenarioCall(doing(ASKS, HANGS_UP)),
      onProgress: (progress) => {
        // Full while the greeting plays: neither the rest of the journal nor any file can be written.
        if (progress.kind === 'assistant') lift ??= limitFiles(25_000, server.pid);
      },
    });
    expect(report.endedBy).toBe('caller');
    await expect
      .poll(() => server.log.map(({ msg }) => msg), { timeout: 15_000 })
      .toContain('finalization step failed; will retry');
    expect(server.log.map(({ msg }) => msg)).toContain('journal writes are too slow or fail');
    expect(readdirSync(ground.folder).filter((name) => name.startsWith('call_'))).toEqual([]);
    lift!();
    await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 25_000);
    const { json, caller } = readKept(ground.folder, callSid);
    const { callerTrack, lengthMs } = report.streams[0]!;
    expect(Math.abs(json.durationMs - lengthMs)).toBeLessThanOrEqual(25);
    expect(differing(caller, 0, callerTrack, Math.min(caller.length, callerTrack.length))).toBe(0);
    expect(json.turns.map(({ text }) => text)).toContain('I would like to ask about an invoice.');
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect([ground.state('journals'), ground.state('aside')]).toEqual([[], []]);
  },
);
