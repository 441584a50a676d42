import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { readJson } from './kept-sound.ts';
import { doing, type Ground, makeGround } from './own-server.ts';
import { runFinish } from './run-finish.ts';
import { startServer } from './server-process.ts';

const DONE = 0;
const LEFT = 3;

let ground: Ground;

beforeAll(async () => {
  ground = await makeGround();
});

afterAll(() => ground.clear());

const finish = (settings: Readonly<Record<string, string>> = {}) => runFinish(ground.folder, settings);
const services = (): Record<string, string> => ({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: ground.openAi.url });

describe('npm run finish', { timeout: 60_000 }, () => {
  test('does not touch a call of a live process, nor one that lacks a transcriber', async () => {
    const server = await startServer(ground.folder, { DEFAULT_AUDIO_FORMAT: 'wav' });
    const spoken = newSid('CA');
    let during: Promise<{ code: number; said: string }> | undefined;
    await placeCall({
      baseUrl: server.baseUrl,
      callSid: spoken,
      ...scenarioCall(
        doing(
          { do: 'speak', audio: 'caller-i-would-like-to-ask', when: { afterAssistantQuietMs: 800 } },
          { do: 'hangUp', when: { afterPreviousMs: 3_000 } },
        ),
      ),
      onProgress: (progress) => {
        if (progress.kind === 'caller') during ??= finish(services());
      },
    });
    expect(await during!).toMatchObject({ code: DONE });
    await fileIsThere(path.join(ground.folder, `call_${spoken}.json`), 20_000);
    await expect.poll(() => ground.state('waiting'), { timeout: 20_000 }).toEqual([`${spoken}.journal`]);
    expect(readJson(ground.folder, spoken).pending).toBe(1);
    const transcript = (): string => readFileSync(path.join(ground.folder, `call_${spoken}.txt`), 'utf8');
    expect(transcript()).toContain('Caller: [not yet transcribed]');

    // The server lives, and has no transcriber; the command without one cannot help either.
    const without = await finish();
    expect(without.code).toBe(LEFT);
    expect(without.said).toContain('TRANSCRIPTION_BASE_URL');
    const sound = readFileSync(path.join(ground.folder, `call_${spoken}_conversation.wav`));
    const having = await finish(services());
    expect(having).toMatchObject({ code: DONE });
    expect(transcript()).toContain('Caller: I would like to ask about an invoice.');
    expect(readFileSync(path.join(ground.folder, `call_${spoken}_conversation.wav`))).toEqual(sound);
    expect(ground.state('waiting')).toEqual([]);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});
