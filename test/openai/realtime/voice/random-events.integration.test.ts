import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceError } from '../../../../src/call/ports.ts';
import { RealtimeVoice } from '../../../../src/openai/realtime/voice/realtime-voice.ts';
import { realTimer, type Timer } from '../../../../src/openai/server/timers.ts';
import { seededRandom } from '../../../../src/simulator/seeded-random.ts';
import { buzz, RealtimeServer } from '../../../doubles/realtime/realtime-server.ts';
import type { SpokenResponse } from '../../../doubles/realtime/spoken-response.ts';

const SEEDS = 60;
const SENTENCES = 3;
/** Four seconds without an answer pass in 60 ms, until the server behaves again. */
const TIMES_FASTER = 66;
const MAX_EVENTS = 12;

let server: RealtimeServer;
let random: () => number;

beforeAll(async () => {
  server = await RealtimeServer.start({ respond: misbehave, cancelled: maybe });
});
afterAll(() => server.close());

const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  '',
  'x',
  [],
  {},
  true,
  1e300,
  'resp_1',
  'AAAA',
  '\u0000',
  { id: {} },
];
const TYPES = [
  ...[
    'session.created',
    'session.updated',
    'error',
    'response.created',
    'response.done',
    'rate_limits.updated',
  ],
  ...['response.output_audio.delta', 'response.output_audio.done', 'response.output_audio_transcript.done'],
  ...['conversation.item.added', 'session.deleted', '', 'constructor', '__proto__'],
];
const FIELDS = ['response', 'response_id', 'session', 'error', 'delta', 'transcript', 'item_id', '__proto__'];

/** An event whose fields are of any kind; some of them name the response. */
function arbitrary(id: string): string {
  const fields = FIELDS.filter(() => random() < 0.5).map((name) => [
    name,
    random() < 0.3 ? id : pick(VALUES),
  ]);
  return JSON.stringify({ type: pick(TYPES), ...Object.fromEntries(fields) });
}

const ACTIONS: readonly ((response: SpokenResponse) => void)[] = [
  (response) => response.created(),
  (response) => response.created(null),
  (response) => response.audio(buzz('abc')),
  (response) => response.audio(Buffer.alloc(500, 0xff)),
  (response) => response.delta(pick(['%', '', 'A', 'AAA=', 'é'])),
  (response) => response.words(pick(['', 'some other words', response.text])),
  (response) => response.done(pick(['completed', 'failed', 'incomplete', 'cancelled', 'odd']), response.text),
  (response) => response.socket.send(arbitrary(response.id)),
  (response) => response.socket.send(pick(['', '{', 'null', '[1]', '"text"', '\u0000'])),
  (response) => response.socket.send(Buffer.from([0, 255]), { binary: true }),
  (response) => (random() < 0.1 ? response.socket.terminate() : undefined),
  (response) => (random() < 0.1 ? response.socket.close(pick([1000, 1001, 1011])) : undefined),
];

function misbehave(response: SpokenResponse): void {
  if (random() < 0.2) return response.speak(buzz(response.text));
  const events = Math.floor(random() * MAX_EVENTS);
  for (let n = 0; n < events; n += 1) pick(ACTIONS)(response);
}

function maybe(response: SpokenResponse): void {
  if (random() < 0.5) response.audio(buzz('late'));
  if (random() < 0.5) response.done('cancelled');
}

/** Resolves in any case: with the length of the audio, or with the error. */
async function outcomeOf(voice: RealtimeVoice, text: string): Promise<number | Error> {
  let samples = 0;
  try {
    for await (const part of voice.speak(text, new AbortController().signal)) {
      if (part instanceof Uint8Array) samples += part.length;
      else expect(part.spoken).not.toBe('');
    }
    return samples;
  } catch (error) {
    return error as Error;
  }
}

describe('a Realtime server that sends anything', () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'lets each sentence end with audio or as a failure of the service (seed %i)',
    async (seed) => {
      random = seededRandom(seed);
      const speech = { engine: 'realtime', model: 'm', baseUrl: server.baseUrl, voice: 'marin' } as const;
      let timesFaster = TIMES_FASTER;
      const timer: Timer = (afterMs, action) => realTimer(afterMs / timesFaster, action);
      const voice = new RealtimeVoice({ speech, timing: { timer } });
      try {
        const texts = Array.from({ length: SENTENCES }, (_, n) => `Sentence ${n}.`);
        const outcomes = await Promise.all(texts.map((text) => outcomeOf(voice, text)));
        for (const outcome of outcomes)
          if (typeof outcome === 'number') expect(outcome).toBeGreaterThan(0);
          else expect(outcome).toBeInstanceOf(ServiceError);
        // A server that behaves again is understood again.
        random = () => 0;
        timesFaster = 1;
        const after = await outcomeOf(voice, 'After that.');
        expect(typeof after === 'number' ? after : after.message).toBe(buzz('After that.').length);
      } finally {
        voice.close();
      }
    },
  );
});
