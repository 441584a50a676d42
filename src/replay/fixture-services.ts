import type { Greeter } from '../call/behaviour.ts';
import { ServiceError, type Said, type Services, type Utterance } from '../call/ports.ts';
import type { FailedAnswer, Fixture, ServiceEntry } from './fixture.ts';

/** How fast speech is handed out where nobody wrote down when it came. */
const CHUNK_BYTES = 800;
/** What an utterance holds beside its words: pre-roll and tail. */
const AROUND_MS = 500;
const ALIKE_MS = 400;

type EntryOf<Name extends ServiceEntry['service']> = Extract<ServiceEntry, { service: Name }>;

/**
 * The services of a recorded call: they give again what they gave, after the same times. An utterance is known by its
 * length, a reply and its speech by their texts; what was never asked for then is not known.
 */
export function fixtureServices(fixture: Fixture, sleep: (ms: number) => Promise<void>): Services {
  const queue = <Name extends ServiceEntry['service']>(name: Name): EntryOf<Name>[] =>
    fixture.entries.filter((entry): entry is EntryOf<Name> => 'service' in entry && entry.service === name);
  const transcriptions = queue('transcription');
  const replies = queue('chat');
  const speech = queue('speech');
  const summaries = queue('summary');
  const had = servicesOf(fixture);
  return {
    ...(had.has('transcription') && {
      transcriber: {
        async transcribe({ durationMs }: Utterance) {
          const entry = take(transcriptions, ({ request }) => soundsAlike(durationMs, request.durationMs));
          await sleep(entry?.firstAfterMs ?? 0);
          return entry ? given('transcription', entry.answer).text : '';
        },
      },
    }),
    ...(had.has('chat') && {
      replier: {
        async *reply(conversation: readonly Said[]) {
          const asked = conversation.at(-1)?.text;
          const entry =
            take(replies, ({ request }) => request.conversation.at(-1)?.['text'] === asked) ??
            replies.shift();
          if (!entry) return;
          let passedMs = 0;
          for (const { afterMs, text } of given('chat', entry.answer).pieces) {
            if (afterMs > passedMs) await sleep(afterMs - passedMs);
            passedMs = Math.max(passedMs, afterMs);
            yield text;
          }
        },
      },
    }),
    ...(had.has('speech') && { voice: { speak: (text: string) => spoken(text, speech, sleep) } }),
    ...(had.has('summary') && {
      summarizer: {
        async summarize() {
          const entry = summaries.shift();
          await sleep(entry?.firstAfterMs ?? 0);
          return entry ? given('chat', entry.answer).text : '';
        },
      },
    }),
  };
}

/** The greeting of a recorded call, there when it was there then. `startedAtMs`: when this replay began, by `now`. */
export function fixtureGreeter(fixture: Fixture, now: () => number, startedAtMs: () => number): Greeter {
  const entry = fixture.entries.find(
    (one): one is EntryOf<'speech'> => 'service' in one && one.service === 'speech' && one.id === 'greeting',
  );
  if (!entry || !servicesOf(fixture).has('speech') || 'failed' in entry.answer)
    return { ready: () => 'none' };
  const made = { text: entry.request.text, mulaw: Buffer.from(entry.answer.mulaw, 'base64') };
  return { ready: () => (now() - startedAtMs() >= entry.firstAfterMs ? made : undefined) };
}

function servicesOf(fixture: Fixture): ReadonlySet<unknown> {
  const { services } = fixture.header.settings;
  return new Set(Array.isArray(services) ? services : []);
}

async function* spoken(
  text: string,
  entries: EntryOf<'speech'>[],
  sleep: (ms: number) => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const entry = take(entries, ({ request }) => request.text === text);
  if (!entry) throw new ServiceError('speech', 'replaying what was never spoken', { passing: false });
  const { mulaw, pieces } = given('speech', entry.answer);
  const sound = Buffer.from(mulaw, 'base64');
  let at = 0;
  let passedMs = 0;
  for (const { afterMs, bytes } of pieces ?? evenly(sound.length, entry)) {
    if (afterMs > passedMs) await sleep(afterMs - passedMs);
    passedMs = Math.max(passedMs, afterMs);
    yield sound.subarray(at, at + bytes);
    at += bytes;
  }
}

/** Takes the first entry that fits out of the queue. */
function take<Entry>(queue: Entry[], fits: (entry: Entry) => boolean): Entry | undefined {
  const index = queue.findIndex(fits);
  return index < 0 ? undefined : queue.splice(index, 1)[0];
}

function soundsAlike(durationMs: number, recordedMs: number): boolean {
  return Math.abs(durationMs - AROUND_MS - recordedMs) <= ALIKE_MS;
}

function evenly(
  length: number,
  times: { firstAfterMs: number; tookMs: number },
): { afterMs: number; bytes: number }[] {
  const chunks = Math.max(1, Math.ceil(length / CHUNK_BYTES));
  const stepMs = (times.tookMs - times.firstAfterMs) / chunks;
  return Array.from({ length: chunks }, (_, index) => ({
    afterMs: times.firstAfterMs + index * stepMs,
    bytes: Math.min(CHUNK_BYTES, length - index * CHUNK_BYTES),
  }));
}

function given<Answer extends object>(
  service: ServiceError['service'],
  answer: Answer | FailedAnswer,
): Answer {
  if (!('failed' in answer)) return answer;
  throw new ServiceError(service, 'replaying', { cause: answer.failed, passing: answer.passing });
}
