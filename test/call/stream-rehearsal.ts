import { OutputQueue } from '../../src/call/playback/output-queue.ts';
import { Playback } from '../../src/call/playback/playback.ts';
import type { CallEvent } from '../../src/events/call-events.ts';
import { MediaServer, type MediaServerOptions } from '../../src/simulator/phone/media-server.ts';
import { type DelayOptions, NetworkDelay } from '../../src/simulator/phone/network-delay.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { traceableAudio } from '../doubles/random-audio.ts';

const REHEARSAL_SID = 'CA000000000000000000000000000000aa';
const STREAM_SID = 'MZ000000000000000000000000000000aa';
/** Our clock when the stream begins. */
export const BEGUN_AT_MS = 1_700_000_000_000;
const TICK_MS = 40;

export type Act =
  /** A piece of speech that is made `chunkMs` at a time, one chunk every `everyMs`. */
  | {
      readonly do: 'say';
      readonly ms: number;
      readonly chunkMs: number;
      readonly everyMs: number;
      readonly playoutDelayMs?: number | undefined;
    }
  | { readonly do: 'clear' }
  /** The caller makes a sound. */
  | { readonly do: 'hear'; readonly ms: number }
  /** Our event loop does nothing for a while: what arrives is read in a bunch afterwards. */
  | { readonly do: 'stall'; readonly ms: number };

export interface RehearsalOptions {
  readonly up?: DelayOptions;
  readonly down?: DelayOptions;
  readonly acts: readonly (Act & { readonly atMs: number })[];
  /** Stream time of `stop`. */
  readonly stopMs: number;
  readonly media?: Partial<MediaServerOptions>;
  /** Share of the marks that never come back. */
  readonly loseMarks?: number;
  readonly maxLeadMs?: number;
}

interface Speech {
  readonly piece: number;
  readonly mulaw: Uint8Array;
  readonly act: Extract<Act, { do: 'say' }>;
  given: number;
  nextMs: number;
}

/**
 * The outgoing half of a call, from the outbox to the telephone: real outbox and playback against the simulated media
 * server, over a network with delays, in virtual time.
 */
export class StreamRehearsal {
  readonly journal = new MemoryJournal();
  readonly side: MediaServer;
  playback: Playback;
  outbox: OutputQueue;
  /** What left us: when, and which message. */
  readonly wire: { readonly atMs: number; readonly text: string }[] = [];
  readonly #options: RehearsalOptions;
  readonly #up: NetworkDelay;
  readonly #down: NetworkDelay;
  readonly #toUs: { readonly arrivesMs: number; readonly text: string }[] = [];
  readonly #toTwilio: { readonly arrivesMs: number; readonly texts: readonly string[] }[] = [];
  readonly #random: () => number;
  readonly #speeches: Speech[] = [];
  #writing: string[] = [];
  #pieces = 0;
  #seed: number;

  constructor(options: RehearsalOptions, seed = 1) {
    this.#options = options;
    this.#seed = seed * 1_000;
    this.#random = seededRandom(seed);
    this.#up = new NetworkDelay(options.up);
    this.#down = new NetworkDelay(options.down);
    const names = { streamSid: STREAM_SID, callSid: REHEARSAL_SID, accountSid: 'AC', customParameters: {} };
    this.side = new MediaServer({ ...names, ...options.media });
    [this.playback, this.outbox] = this.#begin(BEGUN_AT_MS);
    const identity = { callSid: REHEARSAL_SID, from: '+100', to: '+200' };
    const settings = {} as Extract<CallEvent, { kind: 'ringing' }>['settings'];
    const format = { format: 'wav', recorded: true, services: [] } as const;
    this.journal.append({ kind: 'ringing', atMs: BEGUN_AT_MS, ...identity, ...format, settings });
  }

  /** Plays it all. */
  run(): this {
    const { acts, stopMs } = this.#options;
    const todo = [...acts].sort((a, b) => a.atMs - b.atMs);
    let stalledUntilMs = 0;
    for (let nowMs = 0; nowMs < stopMs; nowMs += 1) {
      this.#twilioReads(nowMs);
      this.#deliver(this.side.advance(nowMs));
      if (nowMs < stalledUntilMs) continue;
      this.#weRead(nowMs, stalledUntilMs);
      for (let act = todo[0]; act && act.atMs <= nowMs; act = todo[0]) {
        todo.shift();
        if (act.do === 'hear') this.side.callerSpeaks(traceableAudio(act.ms * 8, (this.#seed += 1)), nowMs);
        else if (act.do === 'stall') stalledUntilMs = nowMs + act.ms;
        else this.#event(nowMs, () => this.#act(act, nowMs));
      }
      this.#event(nowMs, () => this.#speak(nowMs));
      if (nowMs % TICK_MS === 0)
        this.#event(nowMs, () => {
          this.playback.dateLastMarks(BEGUN_AT_MS + nowMs);
          this.outbox.pump(BEGUN_AT_MS + nowMs);
        });
    }
    this.#twilioReads(stopMs);
    this.#deliver(this.side.stop(stopMs));
    this.#weRead(Infinity, stalledUntilMs);
    return this;
  }

  #begin(atMs: number): [Playback, OutputQueue] {
    const line = {
      sendAudio: (mulaw: Uint8Array) =>
        this.#say('media', { media: { payload: Buffer.from(mulaw).toString('base64') } }),
      sendMark: (name: string) => this.#say('mark', { mark: { name } }),
      clear: () => this.#say('clear', {}),
      hangUp: () => undefined,
    };
    const playback = new Playback(atMs);
    const maxLeadMs = this.#options.maxLeadMs ?? 10_000;
    return [playback, new OutputQueue({ line, playback, journal: this.journal, recorded: true, maxLeadMs })];
  }

  #act(act: Exclude<Act, { do: 'stall' | 'hear' }>, nowMs: number): void {
    if (act.do === 'clear') {
      this.outbox.clear(BEGUN_AT_MS + nowMs);
      this.#speeches.length = 0;
      return;
    }
    const piece = (this.#pieces += 1);
    const mulaw = traceableAudio(act.ms * 8, (this.#seed += 1));
    this.#speeches.push({ piece, mulaw, act, given: 0, nextMs: nowMs });
    const what = {
      piece,
      reply: piece,
      speaker: 'assistant',
      role: 'reply',
      text: `piece ${piece}`,
    } as const;
    this.outbox.open(what, BEGUN_AT_MS + nowMs, act.playoutDelayMs);
  }

  /** Speech that is being made: the oldest first, as a reply's sentences are handed over. */
  #speak(nowMs: number): void {
    for (let speech = this.#speeches[0]; speech && speech.nextMs <= nowMs; speech = this.#speeches[0]) {
      const upTo = Math.min(speech.mulaw.length, speech.given + speech.act.chunkMs * 8);
      this.outbox.push(speech.piece, speech.mulaw.subarray(speech.given, upTo), BEGUN_AT_MS + nowMs);
      speech.given = upTo;
      speech.nextMs = nowMs + speech.act.everyMs;
      if (upTo < speech.mulaw.length) continue;
      this.outbox.complete(speech.piece, BEGUN_AT_MS + nowMs);
      this.#speeches.shift();
    }
  }

  #weRead(nowMs: number, notBeforeMs: number): void {
    for (let next = this.#toUs[0]; next && next.arrivesMs <= nowMs; next = this.#toUs[0]) {
      this.#toUs.shift();
      const atMs = Math.max(next.arrivesMs, notBeforeMs);
      const message = JSON.parse(next.text) as {
        event: string;
        media?: { timestamp: string; payload: string };
        mark?: { name: string };
      };
      if (message.event === 'start') {
        [this.playback, this.outbox] = this.#begin(BEGUN_AT_MS + atMs);
        const start = { streamSid: STREAM_SID, startMs: 0 };
        this.journal.append({ kind: 'stream', atMs: BEGUN_AT_MS + atMs, ...start });
      }
      if (message.media) this.#frame(message.media, atMs);
      if (message.mark) this.#mark(message.mark.name, atMs);
      if (message.event === 'stop') {
        this.playback.ended(BEGUN_AT_MS + atMs);
        this.journal.append({ kind: 'stream-end', atMs: BEGUN_AT_MS + atMs, reason: 'stop' });
      }
    }
  }

  #frame(media: { timestamp: string; payload: string }, atMs: number): void {
    const mulaw = Buffer.from(media.payload, 'base64');
    const streamMs = Number(media.timestamp);
    const at = BEGUN_AT_MS + atMs;
    this.journal.append({ kind: 'caller', atMs: at, streamMs, samples: mulaw.length, mulaw });
    this.playback.frame(streamMs, mulaw.length, at);
    this.#event(atMs, () => this.outbox.pump(at));
  }

  #mark(name: string, atMs: number): void {
    const at = BEGUN_AT_MS + atMs;
    if (this.playback.markReturned(name, at)) this.journal.append({ kind: 'mark-back', atMs: at, name });
    this.#event(atMs, () => this.outbox.pump(at));
  }

  #say(event: string, content: object): void {
    this.#writing.push(JSON.stringify({ event, streamSid: STREAM_SID, ...content }));
  }

  /** What leaves us in one turn of the event loop travels together. */
  #event(nowMs: number, work: () => void): void {
    work();
    if (this.#writing.length === 0) return;
    for (const text of this.#writing) this.wire.push({ atMs: nowMs, text });
    this.#toTwilio.push({ arrivesMs: this.#down.arrivalOf(nowMs), texts: this.#writing });
    this.#writing = [];
  }

  #twilioReads(nowMs: number): void {
    for (let next = this.#toTwilio[0]; next && next.arrivesMs <= nowMs; next = this.#toTwilio[0]) {
      this.#toTwilio.shift();
      for (const text of next.texts) this.#deliver(this.side.receive(text, next.arrivesMs));
    }
  }

  #deliver(messages: readonly { readonly atMs: number; readonly text: string }[]): void {
    for (const { atMs, text } of messages) {
      if (text.includes('"event":"mark"') && this.#random() < (this.#options.loseMarks ?? 0)) continue;
      this.#toUs.push({ text, arrivesMs: this.#up.arrivalOf(atMs) });
    }
  }
}
