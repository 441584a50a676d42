import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { loadPrompts } from '../../src/app/load-prompts.ts';
import { fastReplay } from '../../src/simulator/fast-replay.ts';
import { readFixture } from '../../src/simulator/fixtures/fixture.ts';
import { expectSameCall } from '../support/same-call.ts';

const CALL = fileURLToPath(new URL('../../fixtures/calls/long.jsonl', import.meta.url));
const PROMPTS = fileURLToPath(new URL('../../prompts', import.meta.url));
const RECORDING = { channels: 'stereo', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' } as const;

// The shorter calls are tested by the integration tests.
test('a long call has the same bytes each time', async () => {
  const fixture = readFixture(readFileSync(CALL, 'utf8'));
  const prompts = (await loadPrompts(PROMPTS, PROMPTS, 'en')).book;
  const directories: string[] = [];
  for (let replay = 0; replay < 2; replay += 1) {
    const directory = mkdtempSync(path.join(tmpdir(), 'offhook-replay-'));
    await fastReplay(fixture, { prompts, directory, recording: RECORDING });
    directories.push(directory);
  }
  expectSameCall(directories[1]!, directories[0]!);
});
