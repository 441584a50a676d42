import { describe, expect, it } from 'vitest';
import {
  ServiceError,
  type SpeechStream,
  type StreamingTranscriber,
  type TextRequest,
} from '../../src/call/ports.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';
import { ScriptedReplier, ScriptedVoice } from '../doubles/scripted-services.ts';
import { RehearsedCall } from './rehearsed-call.ts';

const SEEDS = 40;
const UTTERANCES = 5;
const TURNS = {
  endOfTurnMs: 700,
  preRollMs: 300,
  minSpeechMs: 120,
  bargeInMs: 400,
  longestUtteranceMs: 30_000,
  pauseMs: 180,
};
const PRE_ROLL_SAMPLES = 300 * 8;
/** Audio after the last word, at the end of a turn and at a pause. */
const TAILS_MS = [200, 180];

/** A text that says how much audio it is of, without digits, which would be read as a number. */
const textOf = (samples: number): string =>
  `Word ${[...String(samples)].map((digit) => String.fromCharCode(97 + Number(digit))).join('')}.`;
const wholeTextOf = ({ wav }: { wav: Uint8Array }): string => textOf((wav.length - 44) / 2);

/** A stream that works, fails, is late, or is not to be asked, as the seed says. It checks what it is given. */
class RandomStream implements StreamingTranscriber, SpeechStream {
  readonly server = 'text.example';
  readonly mistakes: string[] = [];
  available = true;
  failures = 0;
  readonly #random: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  #heard = Buffer.alloc(0);

  constructor(random: () => number, sleep: (ms: number) => Promise<void>) {
    this.#random = random;
    this.#sleep = sleep;
  }

  open(): SpeechStream {
    return this;
  }

  hear(speech: Uint8Array): void {
    if (!this.#begins(speech)) this.mistakes.push('what was heard is not the beginning of what is heard');
    this.#heard = Buffer.from(speech);
  }

  paused(speech: Uint8Array): TextRequest | undefined {
    if (this.available) return () => this.transcribe(speech);
    this.discard();
    return undefined;
  }

  continued(): void {}

  finished(): void {}

  async transcribe(speech: Uint8Array): Promise<string> {
    if (!this.#begins(speech)) this.mistakes.push('what was heard is not the beginning of the utterance');
    this.discard();
    const fails = this.#random() < 0.4;
    await this.#sleep(this.#random() * (fails ? 2_000 : 400));
    if (!fails) return textOf(speech.length);
    this.failures += 1;
    throw new ServiceError('streaming-transcription', 'transcribing', { transient: true });
  }

  discard(): void {
    this.#heard = Buffer.alloc(0);
    this.available = this.#random() < 0.8;
  }

  end(): void {
    this.discard();
  }

  #begins(speech: Uint8Array): boolean {
    return this.#heard.equals(speech.subarray(0, this.#heard.length));
  }
}

describe('a stream of any behaviour', () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'leaves each turn the text of its whole utterance (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const clock = RehearsedCall.clock();
      const stream = new RandomStream(random, clock.sleep);
      const call = new RehearsedCall(clock, {
        transcriber: {
          transcribe: async (utterance) => {
            await clock.sleep(random() * 400);
            return wholeTextOf(utterance);
          },
        },
        streamingTranscriber: stream,
        replier: new ScriptedReplier(
          clock.sleep,
          Array.from({ length: 99 }, () => [{ afterMs: 100, give: 'Yes.' }]),
        ),
        voice: new ScriptedVoice(clock, { firstMs: 100 }),
        settings: { turns: TURNS },
      });
      await call.heardOut();
      for (let n = 0; n < UTTERANCES; n += 1) {
        await call.callerSays(200 + random() * 2_000);
        await call.run(random() < 0.5 ? 200 + random() * 400 : 1_000 + random() * 3_000);
      }
      await call.run(8_000);
      expect(stream.mistakes).toEqual([]);
      const utterances = call.journal.of('utterance');
      expect(utterances.length).toBeGreaterThan(0);
      for (const { turn, startMs, endMs } of utterances) {
        const possible = TAILS_MS.map((tailMs) => textOf(PRE_ROLL_SAMPLES + (endMs - startMs + tailMs) * 8));
        expect(possible).toContain(call.journal.of('text').find((text) => text.turn === turn)?.text);
      }
      const failed = call.journal.of('answer').filter(({ answer }) => answer.failure);
      expect(failed.length).toBeLessThanOrEqual(stream.failures);
    },
  );
});
