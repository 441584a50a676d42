import { describe, expect, test } from 'vitest';
import { RandomServices } from './random-services.ts';
import { RehearsedCall } from './rehearsed-call.ts';

const { RANDOM_CALLS, CI } = process.env;
/** 300, in CI 1,000; `RANDOM_CALLS=20000 npx vitest run …` for a long search. A seed that fails becomes a test of its own. */
const CALLS = Number(RANDOM_CALLS ?? (CI ? 1_000 : 300));
const CALLS_PER_TEST = 100;
const MAX_SILENCE_MS = 4_000;
/** A shorter utterance without words is taken for a noise, and needs no response. */
const LONG_UTTERANCE_MS = 1_600;

interface Played {
  readonly call: RehearsedCall;
  readonly services: RandomServices;
  readonly silences: readonly string[];
}

/** A call of a few turns with services that behave at random, and every silence in which the caller waited for too long. */
async function play(seed: number): Promise<Played> {
  const clock = RehearsedCall.clock();
  const services = new RandomServices(seed, clock.sleep);
  const { transcriber, replier, voice } = services;
  const call = new RehearsedCall(clock, { transcriber, replier, voice });
  const silences: string[] = [];
  /** `mayBeIgnored`: the caller expects no response, unless the assistant is preparing one. */
  const watch = async (ms: number, mayBeIgnored: () => boolean): Promise<void> => {
    let silentMs = 0;
    let heard = false;
    for (let at = 0; at < ms && !call.call.endingByUs; at += 100) {
      await call.run(100);
      heard ||= call.phone.playing;
      const waits = call.call.state === 'thinking' || (!heard && !mayBeIgnored());
      silentMs = waits && !call.phone.playing && !call.phone.callerIsSpeaking ? silentMs + 100 : 0;
      if (silentMs === MAX_SILENCE_MS + 100)
        silences.push(`${call.nowMs} ms (${call.call.state}): ${services.happened.slice(-4).join(', ')}`);
    }
  };
  await call.heardOut();
  for (let turn = 0; turn < 4 && !call.call.endingByUs; turn += 1) {
    const isKey = services.between(0, 5) === 0;
    if (isKey) call.call.key(String(services.between(0, 9)), clock.nowMs);
    else await call.callerSays(services.between(LONG_UTTERANCE_MS, 3_000));
    const repeated = call.pieces.filter((text) => text === '<not-understood>').length;
    // The second utterance in a row without words is not asked for again.
    const mayBeIgnored = () =>
      (repeated > 0 && services.happened.includes('no words')) ||
      // The answering machine records messages and has no use for keys.
      (isKey && call.pieces.includes('<apology-machine>'));
    await watch(services.between(2_000, 30_000), mayBeIgnored);
  }
  call.call.streamEnded('stop', clock.nowMs);
  await call.run(1_000);
  return { call, services, silences };
}

describe('a call whose services behave at random', () => {
  test.each(Array.from({ length: Math.ceil(CALLS / CALLS_PER_TEST) }, (_, n) => n * CALLS_PER_TEST))(
    'has no silence, no unheard word and no unreported failure (seeds from %i)',
    async (from) => {
      const problems: string[] = [];
      for (let seed = from; seed < Math.min(from + CALLS_PER_TEST, CALLS); seed += 1) {
        const { call, services, silences } = await play(seed);
        problems.push(...silences.map((silence) => `seed ${seed}: silence at ${silence}`));
        const heardMs = call.phone.heard.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
        const { pieces } = call.reading;
        const claimedMs = pieces.reduce((sum, { heardSamples }) => sum + heardSamples / 8, 0);
        if (claimedMs > heardMs + 40)
          problems.push(`seed ${seed}: ${claimedMs} ms claimed, ${heardMs} ms heard`);
        for (const { piece, heardSamples, sentSamples } of pieces)
          if (heardSamples > sentSamples)
            problems.push(`seed ${seed}: piece ${piece} was heard longer than sent`);
        const failures = call.journal.of('answer').flatMap(({ answer }) => answer.failure ?? []);
        const reported = failures.filter(({ code }) => code !== 'timeout').length;
        if (reported !== services.failures)
          problems.push(`seed ${seed}: ${services.failures} failures, ${reported} reported`);
      }
      expect(problems).toEqual([]);
    },
  );
});
