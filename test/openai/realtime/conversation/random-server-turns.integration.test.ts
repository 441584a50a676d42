import { afterEach, describe, expect, test } from 'vitest';
import { decodeMulaw } from '../../../../src/audio/mulaw.ts';
import { type ConversationEntry, ServiceError } from '../../../../src/call/ports.ts';
import { RealtimeAssistant } from '../../../../src/openai/realtime/conversation/realtime-assistant.ts';
import { recordedSpeech, recordedSpeechOf } from '../../../../src/simulator/fixtures/recorded-speech.ts';
import { seededRandom } from '../../../../src/simulator/seeded-random.ts';
import type { ConversationItems } from '../../../doubles/realtime/conversation-items.ts';
import { buzz, RealtimeServer } from '../../../doubles/realtime/realtime-server.ts';
import { UtteranceMatcher } from '../../../doubles/utterance-matcher.ts';
import { HandTimer } from '../../hand-timer.ts';

const SEEDS = 60;
const TURNS = 4;
const SAID = recordedSpeechOf('caller-what-are-your-opening-hours');
const NOISE = recordedSpeechOf('caller-it-is-four-seven-one');
const matcher = new UtteranceMatcher(
  [...recordedSpeech().values()].filter((one) => [SAID, NOISE].includes(one)),
);

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A server of random behaviour, and a caller who speaks and pauses at random; beside that, the line has sounds that are no utterances. */
async function play(seed: number) {
  const random = seededRandom(seed);
  const chance = (share: number): boolean => random() < share;
  const pick = <Of>(of: readonly Of[]): Of => of[Math.floor(random() * of.length)]!;
  let items: ConversationItems | undefined;
  const isQuick = chance(0.6);
  const isHonest = chance(0.5);
  const server = await RealtimeServer.start({
    vad: {
      semanticSilenceMs: isQuick ? 300 : pick([900, 8_000]),
      commitsAnew: chance(0.5),
      responds: !isHonest && chance(0.3),
      sends: (type) => isHonest || chance(type === 'speech_started' ? 0.7 : 0.8),
      ...(!isHonest && chance(0.2) && { statesNull: true }),
    },
    transcribe: (item) => {
      if (!isHonest && chance(0.15)) return item.committed();
      if (isHonest || chance(0.8)) return item.transcribe(matcher.recognise(decodeMulaw(item.audio)) ?? '');
      item.committed();
      return item.failed('unintelligible');
    },
    reply: (response, all) => {
      items = all;
      response.converse(buzz('Yes.'), 'Yes.');
    },
    intercept: (event, send) => {
      if (isHonest || event.type !== 'input_audio_buffer.commit' || chance(0.7)) return false;
      const error = {
        type: 'invalid_request_error',
        code: 'input_audio_buffer_commit_empty',
        message: 'Empty.',
      };
      send({ type: 'error', error: { ...error, event_id: event.event_id } });
      return true;
    },
  });
  const hand = new HandTimer();
  const transcription = { model: 'm', language: 'en' };
  const settings = { model: 'm', baseUrl: server.baseUrl, voice: 'marin', instructions: '', transcription };
  const timing = { timer: hand.timer, now: () => 0 };
  const assistant = new RealtimeAssistant({ settings: { ...settings, turns: 'server' }, timing });
  open.push(assistant, server);
  const call = assistant.open();
  let lineMs = 0;
  const hear = async (audio: Uint8Array): Promise<void> => {
    for (let at = 0; at < audio.length; at += 160) {
      // Frames are lost and late.
      if (!chance(0.01)) call.speech.line?.hear(lineMs, audio.subarray(at, at + 160));
      lineMs += 20;
      if (at % 3_200 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  const silence = async (ms: number): Promise<void> => {
    await hear(new Uint8Array(ms * 8).fill(0xff));
    // The server keeps up with the line.
    await new Promise<void>((resolve) => setTimeout(resolve, 3));
  };
  const pause = (): number => Math.round(200 + random() * 1_500);
  if (chance(0.8)) await server.until(() => server.of('session.update').length > 0);
  const texts: Promise<string | Error>[] = [];
  const entries: ConversationEntry[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    if (chance(0.4)) {
      await hear(NOISE.mulaw);
      await silence(1_500);
    }
    const startMs = lineMs;
    call.speech.hear(SAID.mulaw.subarray(0, 1_600));
    await hear(SAID.mulaw);
    let spoken: Uint8Array = SAID.mulaw;
    let text = call.speech.paused(spoken, { startMs, endMs: lineMs });
    const goesOn = chance(0.4);
    if (goesOn) {
      const pauseMs = pause();
      await silence(pauseMs);
      if (chance(0.5)) void text?.(AbortSignal.abort()).catch(() => undefined);
      call.speech.continued();
      await hear(SAID.mulaw);
      spoken = Buffer.concat([spoken, new Uint8Array(pauseMs * 8).fill(0xff), SAID.mulaw]);
      text = call.speech.paused(spoken, { startMs, endMs: lineMs });
    }
    await silence(pause());
    call.speech.finished(turn);
    call.speech.discard();
    const wait = new AbortController().signal;
    if (text) texts.push(text(wait).catch((error: Error) => error));
    entries.push({ id: `turn ${turn}`, speaker: 'caller', text: chance(0.8) ? SAID.text : undefined });
    if (chance(0.3)) await silence(1_000);
  }
  return { hand, call, server, texts, entries, isHonest, isQuick, items: () => items };
}

describe('turns of a server of any behaviour', () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'each text comes or fails, and noise is no part of the conversation (seed %i)',
    async (seed) => {
      const { hand, call, texts, entries, isHonest, isQuick, items, server } = await play(seed);
      // Late texts, and texts that never come, fail in time.
      let settled = false;
      const all = Promise.all(texts).finally(() => (settled = true));
      while (!settled) {
        await new Promise<void>((resolve) => setTimeout(resolve, 5));
        if (hand.waiting.includes(2_000)) await hand.runOut();
      }
      for (const text of await all) {
        if (text instanceof Error) expect(text).toBeInstanceOf(ServiceError);
        else expect(text.replaceAll(SAID.text, '').replaceAll(NOISE.text, '').trim()).toBe('');
        if (isHonest && isQuick) expect(text).toContain(SAID.text);
      }
      let failure: unknown;
      try {
        for await (const _ of call.reply(1, entries, new AbortController().signal));
      } catch (error) {
        failure = error;
      }
      if (failure !== undefined) expect(failure).toBeInstanceOf(ServiceError);
      if (!isHonest || !isQuick || !items()) return;
      expect(failure).toBeUndefined();
      await server.until(() => items()!.all.every(({ role, audio }) => role !== 'user' || !isNoise(audio)));
      expect(items()!.all.filter(({ role }) => role === 'user').length).toBeGreaterThanOrEqual(TURNS);
    },
  );
});

function isNoise(audio: Uint8Array | undefined): boolean {
  return audio !== undefined && matcher.recognise(decodeMulaw(audio)) === NOISE.text;
}
