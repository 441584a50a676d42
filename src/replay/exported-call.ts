import type { CallEvent, ServiceAnswer } from '../call/events.ts';
import type { Fixture, FixtureEntry } from './fixture.ts';

type Of<Kind extends CallEvent['kind']> = Extract<CallEvent, { kind: Kind }>;

/** μ-law silence for what was made and never sent. */
const SILENCE = 0xff;

/** A journal holds no call that could be replayed; the message says why. */
export class NotReplayable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotReplayable';
  }
}

/** A call from its journal as a fixture: what went over the wire both ways, and what the services gave. */
export function exportCall(events: readonly CallEvent[]): Fixture {
  const ringing = events.find((event) => event.kind === 'ringing');
  const first = events.find((event) => event.kind === 'stream');
  if (!ringing || !first) throw new NotReplayable('the journal holds no call with a stream');
  if (!ringing.recorded) throw new NotReplayable('its sound was not kept (RECORD_CONVERSATIONS was false)');
  const wire = new WireExport(first.atMs);
  const services = new ServiceExport(first.atMs, events);
  const entries: FixtureEntry[] = [];
  for (const event of events) entries.push(...wire.entriesOf(event), ...services.entriesOf(event));
  const { callSid, from, to, settings, format } = ringing;
  const startedAt = new Date(first.atMs).toISOString();
  const header = {
    callSid,
    from,
    to,
    startedAt,
    settings: { ...settings, format, services: ringing.services },
  };
  return { header, entries: [...entries, ...services.greeting()] };
}

/** The messages of the media stream. */
class WireExport {
  readonly #zeroMs: number;
  #sequence = 0;
  #chunk = 0;
  #streamSid = '';
  #callSid = '';

  constructor(zeroMs: number) {
    this.#zeroMs = zeroMs;
  }

  entriesOf(event: CallEvent): FixtureEntry[] {
    switch (event.kind) {
      case 'ringing':
        this.#callSid = event.callSid;
        return [];
      case 'stream':
        return this.#start(event);
      case 'caller':
        return [this.#media(event)];
      case 'key':
        return [
          this.#fromTwilio(event.atMs, 'dtmf', { dtmf: { track: 'inbound_track', digit: event.digit } }),
        ];
      case 'mark-back':
        return [this.#fromTwilio(event.atMs, 'mark', { mark: { name: event.name } })];
      case 'stream-end':
        return event.reason === 'stop'
          ? [this.#fromTwilio(event.atMs, 'stop', { stop: { callSid: this.#callSid } })]
          : [];
      case 'sent':
        return [this.#toTwilio(event.atMs, 'media', { media: { payload: base64(event.mulaw) } })];
      case 'mark-sent':
        return [this.#toTwilio(event.atMs, 'mark', { mark: { name: event.name } })];
      case 'clear':
        return [
          this.#toTwilio(event.atMs, 'clear', {}),
          this.#toTwilio(event.atMs, 'mark', { mark: { name: event.fence } }),
        ];
      default:
        return [];
    }
  }

  #start(event: Of<'stream'>): FixtureEntry[] {
    this.#sequence = 0;
    this.#chunk = 0;
    this.#streamSid = event.streamSid;
    const start = {
      streamSid: event.streamSid,
      callSid: this.#callSid,
      tracks: ['inbound'],
      customParameters: {},
    };
    return [this.#fromTwilio(event.atMs, 'start', { start })];
  }

  #media(event: Of<'caller'>): FixtureEntry {
    this.#chunk += 1;
    const timestamp = String(Math.round(event.streamMs));
    const media = { track: 'inbound', chunk: String(this.#chunk), timestamp, payload: base64(event.mulaw) };
    return this.#fromTwilio(event.atMs, 'media', { media });
  }

  #fromTwilio(atMs: number, event: string, content: Record<string, unknown>): FixtureEntry {
    this.#sequence += 1;
    const own = { sequenceNumber: String(this.#sequence), streamSid: this.#streamSid };
    return { atMs: this.#since(atMs), from: 'twilio', message: { event, ...own, ...content } };
  }

  #toTwilio(atMs: number, event: string, content: Record<string, unknown>): FixtureEntry {
    return {
      atMs: this.#since(atMs),
      to: 'twilio',
      message: { event, streamSid: this.#streamSid, ...content },
    };
  }

  #since(atMs: number): number {
    return tenth(atMs - this.#zeroMs);
  }
}

interface SpokenPiece {
  readonly start: Of<'piece'>;
  readonly sound: Uint8Array[];
  taken: boolean;
}

/** What the services gave. The sound of speech is what was sent; what was made beyond that was never heard. */
class ServiceExport {
  readonly #zeroMs: number;
  readonly #pieces: SpokenPiece[] = [];
  readonly #texts = new Map<number, string>();
  readonly #durations = new Map<number, number>();

  constructor(zeroMs: number, events: readonly CallEvent[]) {
    this.#zeroMs = zeroMs;
    const open = new Map<number, SpokenPiece>();
    for (const event of events) {
      if (event.kind === 'piece') {
        const piece = { start: event, sound: [], taken: false };
        this.#pieces.push(piece);
        open.set(event.piece, piece);
      } else if (event.kind === 'sent') open.get(event.piece)?.sound.push(event.mulaw);
      else if (event.kind === 'text') this.#texts.set(event.turn, event.text);
      else if (event.kind === 'utterance') this.#durations.set(event.turn, event.endMs - event.startMs);
    }
  }

  entriesOf(event: CallEvent): FixtureEntry[] {
    if (event.kind === 'summary' && event.by === 'chat') return [this.#summary(event)];
    return event.kind === 'answer' ? [this.#answer(event.answer)] : [];
  }

  /** The greeting is made before the call: it is there when it is first said. */
  greeting(): FixtureEntry[] {
    const piece = this.#pieces.find(({ start }) => start.role === 'greeting');
    if (!piece) return [];
    const waitedMs = tenth(piece.start.atMs - this.#zeroMs);
    const times = { atMs: 0, firstAfterMs: waitedMs, tookMs: waitedMs };
    const answer = { mulaw: base64(Buffer.concat(piece.sound)) };
    return [{ ...times, service: 'speech', id: 'greeting', request: { text: piece.start.text }, answer }];
  }

  #summary(event: Of<'summary'>): FixtureEntry {
    const times = { atMs: tenth(event.atMs - this.#zeroMs), firstAfterMs: 0, tookMs: 0 };
    return {
      ...times,
      service: 'summary',
      id: 'summary',
      request: { lines: [] },
      answer: { text: event.text },
    };
  }

  #answer(given: ServiceAnswer): FixtureEntry {
    const { service, pieces, request } = given;
    const times = {
      atMs: tenth(given.askedAtMs - this.#zeroMs),
      firstAfterMs: tenth(pieces[0]?.afterMs ?? 0),
      tookMs: tenth(pieces.at(-1)?.afterMs ?? 0),
    };
    const id = `${service}-${given.id}`;
    const failed =
      given.error !== undefined && pieces.length === 0 ? { failed: given.error, passing: true } : undefined;
    switch (service) {
      case 'transcription': {
        const turn = Number(request.replace('turn ', ''));
        const text = pieces[0]?.text ?? this.#texts.get(turn);
        const answer = text === undefined ? (failed ?? { failed: 'no answer', passing: true }) : { text };
        return { ...times, service, id, request: { durationMs: this.#durations.get(turn) ?? 0 }, answer };
      }
      case 'chat': {
        const written = pieces.map(({ afterMs, text = '' }) => ({ afterMs: tenth(afterMs), text }));
        const conversation = [{ speaker: 'caller', text: request }];
        return { ...times, service, id, request: { conversation }, answer: failed ?? { pieces: written } };
      }
      case 'summary':
        return {
          ...times,
          service,
          id,
          request: { lines: [] },
          answer: failed ?? { text: pieces[0]?.text ?? '' },
        };
      case 'speech': {
        const came = pieces.map(({ afterMs, samples = 0 }) => ({ afterMs: tenth(afterMs), bytes: samples }));
        const answer = failed ?? { mulaw: base64(this.#soundOf(request, sum(came))), pieces: came };
        return { ...times, service, id, request: { text: request }, answer };
      }
    }
  }

  /** `length` bytes of what was sent of the first piece with this text that has not been taken yet. */
  #soundOf(text: string, length: number): Uint8Array {
    const sound = new Uint8Array(length).fill(SILENCE);
    const piece = this.#pieces.find(
      ({ start, taken }) => !taken && start.role === 'reply' && start.text === text,
    );
    if (!piece) return sound;
    piece.taken = true;
    const sent = Buffer.concat(piece.sound);
    sound.set(sent.subarray(0, length));
    return sound;
  }
}

function sum(pieces: readonly { readonly bytes: number }[]): number {
  return pieces.reduce((total, { bytes }) => total + bytes, 0);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
