import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceError } from '../../../../src/call/ports.ts';
import { RealtimeTranscriber } from '../../../../src/openai/realtime/transcription/realtime-transcriber.ts';
import { realTimer, type Timer } from '../../../../src/openai/server/timers.ts';
import { seededRandom } from '../../../../src/simulator/seeded-random.ts';
import { buzz, RealtimeServer } from '../../../doubles/realtime/realtime-server.ts';
import type { TranscribedItem } from '../../../doubles/realtime/transcribed-item.ts';

const SEEDS = 60;
const UTTERANCES = 4;
/** Two seconds without a text pass in 30 ms, until the server behaves again. */
const TIMES_FASTER = 66;
const MAX_EVENTS = 12;
const SPEECH = buzz('x'.repeat(25));
const never = new AbortController().signal;

let server: RealtimeServer;
let random: () => number;

beforeAll(async () => {
  server = await RealtimeServer.start({ transcribe: misbehave });
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
  'item_1',
  '\u0000',
  { id: {} },
];
const TEXT = 'conversation.item.input_audio_transcription.';
const TYPES = [
  ...['session.created', 'session.updated', 'error', 'input_audio_buffer.committed', 'rate_limits.updated'],
  ...[`${TEXT}delta`, `${TEXT}completed`, `${TEXT}failed`, `${TEXT}segment`, TEXT],
  ...['input_audio_buffer.speech_started', 'conversation.item.added', '', 'constructor', '__proto__'],
];
const FIELDS = ['item_id', 'transcript', 'delta', 'error', 'session', 'content_index', '__proto__'];

/** An event whose fields are of any kind; some of them name the item. */
function arbitrary(id: string): string {
  const fields = FIELDS.filter(() => random() < 0.5).map((name) => [
    name,
    random() < 0.3 ? id : pick(VALUES),
  ]);
  return JSON.stringify({ type: pick(TYPES), ...Object.fromEntries(fields) });
}

const ACTIONS: readonly ((item: TranscribedItem) => void)[] = [
  (item) => item.committed(),
  (item) => item.delta('some '),
  (item) => item.completed(pick<unknown>(['Some words.', '', 5, null, ['x']])),
  (item) => item.failed('No.'),
  (item) => item.socket.send(arbitrary(item.id)),
  (item) => item.socket.send(pick(['', '{', 'null', '[1]', '"text"', '\u0000'])),
  (item) => item.socket.send(Buffer.from([0, 255]), { binary: true }),
  (item) => (random() < 0.1 ? item.socket.terminate() : undefined),
  (item) => (random() < 0.1 ? item.socket.close(pick([1000, 1001, 1011])) : undefined),
];

function misbehave(item: TranscribedItem): void {
  if (random() < 0.2) return item.transcribe('Some words.');
  const events = Math.floor(random() * MAX_EVENTS);
  for (let n = 0; n < events; n += 1) pick(ACTIONS)(item);
}

describe('a Realtime server that sends anything', () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'lets each utterance end with a text or as a failure of the service (seed %i)',
    async (seed) => {
      random = seededRandom(seed);
      const settings = { model: 'm', baseUrl: server.baseUrl };
      let timesFaster = TIMES_FASTER;
      const timer: Timer = (afterMs, action) => realTimer(afterMs / timesFaster, action);
      const transcriber = new RealtimeTranscriber({ settings, language: 'en', timing: { timer } });
      const stream = transcriber.open();
      try {
        const texts = Array.from({ length: UTTERANCES }, () => {
          stream.hear(SPEECH.subarray(0, 4_000));
          return stream.transcribe(SPEECH, never).catch((error: unknown) => error);
        });
        for (const outcome of await Promise.all(texts))
          if (typeof outcome !== 'string') expect(outcome).toBeInstanceOf(ServiceError);
        // A server that behaves again is understood again.
        random = () => 0;
        timesFaster = 1;
        expect(await transcriber.transcribe(SPEECH, never)).toBe('Some words.');
      } finally {
        transcriber.close();
      }
    },
  );
});
