import type { AudioFormat } from '../audio/formats/formats.ts';
import { loadVoiceActivity, VoiceActivity } from '../audio/speech/voice-activity.ts';
import { CallRegistry } from '../call/call-registry.ts';
import type { EndedCall } from '../call/call-store.ts';
import type { Greeter } from '../call/dialog/answerer.ts';
import type { PromptBook } from '../call/dialog/prompts.ts';
import type { Services } from '../call/ports.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { CallSettings } from '../events/call-settings.ts';
import { MediaStream } from '../telephony/twilio/media-stream.ts';
import type { StreamSource, StreamTarget } from '../telephony/twilio/stream-ports.ts';
import type { Director } from './phone/caller-script.ts';
import type { StreamNames, StreamSide, TimedText } from './phone/media-server.ts';
import { type DelayOptions, NetworkDelay } from './phone/network-delay.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualSocket } from './virtual-socket.ts';

/** The polling interval of the simulated caller and Twilio. */
const STEP_MS = 5;
const TICK_MS = 40;
const LONGEST_CALL_MS = 5 * 3_600_000;
/** The delay between a broken stream and Twilio's next webhook. */
const CONTINUE_AFTER_MS = 200;

export interface VirtualCallOptions {
  readonly clock: VirtualClock;
  readonly names: Omit<StreamNames, 'streamSid' | 'customParameters'>;
  readonly from: string;
  readonly to: string;
  readonly director: Director;
  /** Creates Twilio's side of each stream. */
  readonly side: (names: StreamNames) => StreamSide;
  readonly upDelay?: DelayOptions;
  readonly downDelay?: DelayOptions;
  readonly services: Services;
  readonly prompts: PromptBook;
  readonly greeter: Greeter;
  readonly settings: CallSettings;
  readonly format: AudioFormat;
  readonly recorded?: boolean;
  /** A message on the wire, with the time when offhook received or sent it. */
  readonly wire?: (atMs: number, from: 'twilio' | 'offhook', text: string) => void;
}

export interface VirtualCallResult {
  /** The journal. */
  readonly events: CallEvent[];
  readonly sides: readonly StreamSide[];
  readonly over: EndedCall<{ append(event: CallEvent): void }> | undefined;
}

/**
 * Runs a whole call in this process under a virtual clock, with the production call and media stream code; no real time
 * passes.
 */
export async function playVirtualCall(parts: VirtualCallOptions): Promise<VirtualCallResult> {
  await loadVoiceActivity();
  const { clock } = parts;
  const events: CallEvent[] = [];
  const journal = { append: (event: CallEvent) => void events.push(keep(event)) };
  let over: VirtualCallResult['over'];
  const calls = new CallRegistry({
    environment: {
      settings: parts.settings,
      services: parts.services,
      prompts: parts.prompts,
      greeter: parts.greeter,
      recorded: parts.recorded ?? true,
      createDetector: () => new VoiceActivity(),
      now: clock.now,
    },
    defaultFormat: parts.format,
    maxCalls: 0,
    storage: {
      openJournal: () => journal,
      isFinished: () => over !== undefined,
      ended: (call) => (over = call),
      failed: (_callSid, error) => {
        throw error;
      },
    },
  });
  const { callSid } = parts.names;
  calls.ring({ callSid, from: parts.from, to: parts.to }, clock.nowMs);
  const sides: StreamSide[] = [];
  for (let number = 1; !over; number += 1) {
    const stream = new VirtualStream(parts, calls, `MZ${String(number).padStart(32, '0')}`);
    sides.push(stream.side);
    const goesOn = await stream.run();
    if (goesOn) await wait(clock, calls, CONTINUE_AFTER_MS);
    if (goesOn && calls.goesOn(callSid, clock.nowMs)) continue;
    calls.completed(callSid, clock.nowMs);
    await wait(clock, calls, 1_000);
    calls.endAll('the replay is over', clock.nowMs);
  }
  return { events, sides, over };
}

/** The audio of a line event belongs to the line; the journal records its own. */
function keep(event: CallEvent): CallEvent {
  return event.kind === 'caller' || event.kind === 'sent' ? { ...event, mulaw: event.mulaw.slice() } : event;
}

async function wait(clock: VirtualClock, calls: { tick(atMs: number): void }, ms: number): Promise<void> {
  const untilMs = clock.nowMs + ms;
  while (clock.nowMs < untilMs) {
    await clock.goTo(clock.nowMs + TICK_MS);
    calls.tick(clock.nowMs);
  }
}

type Numbered = TimedText & { readonly arrivesMs: number };

/** One stream of a virtual call; its times are milliseconds since its start. */
class VirtualStream {
  readonly side: StreamSide;
  readonly #parts: VirtualCallOptions;
  readonly #calls: CallRegistry<{ append(event: CallEvent): void }>;
  readonly #startMs: number;
  readonly #up: NetworkDelay;
  readonly #down: NetworkDelay;
  readonly #socket: VirtualSocket;
  readonly #media: MediaStream;
  readonly #toServer: Numbered[] = [];
  readonly #toTwilio: { arrivesMs: number; text: string | undefined }[] = [];
  #ended: 'caller' | 'line' | 'application' | undefined;

  constructor(
    parts: VirtualCallOptions,
    calls: CallRegistry<{ append(event: CallEvent): void }>,
    streamSid: string,
  ) {
    this.#parts = parts;
    this.#calls = calls;
    this.#startMs = parts.clock.nowMs;
    this.#up = new NetworkDelay(parts.upDelay);
    this.#down = new NetworkDelay(parts.downDelay);
    this.side = parts.side({ ...parts.names, streamSid, customParameters: {} });
    parts.director.newStream();
    this.#socket = new VirtualSocket(
      (text) => this.#send(text),
      () => this.#send(undefined),
    );
    const { clock, from, to } = parts;
    const target: StreamTarget = {
      streamStarted: (identity, sid, line, atMs) => calls.streamStarted(identity, sid, line, atMs),
      streamEnded: (callSid, line, reason, atMs, lastSignMs) =>
        calls.streamEnded(callSid, line, reason, atMs, lastSignMs),
      settle: () => undefined,
      anomaly: () => undefined,
    };
    const source: StreamSource = {
      authenticate: (callSid) => ({ callSid, from, to }),
      endCall: () => Promise.resolve(false),
    };
    this.#media = new MediaStream(this.#socket.asWebSocket(), { source, target, now: clock.now });
  }

  /** Returns true if the line broke and the call may continue. */
  async run(): Promise<boolean> {
    const { clock, director } = this.#parts;
    let tickMs = 0;
    for (let nowMs = 0; !this.#ended && nowMs < LONGEST_CALL_MS; nowMs += STEP_MS) {
      this.#twilioReads(nowMs);
      for (const act of this.#ended ? [] : director.due(this.side.playout, nowMs)) {
        if (act.do === 'speak') this.side.callerSpeaks(act.audio, nowMs);
        else if (act.do === 'press') this.#deliver(this.side.press(act.digit, nowMs));
        else this.#end(act.do === 'hangUp' ? 'caller' : 'line', nowMs);
      }
      if (!this.#ended) this.#deliver(this.side.advance(nowMs));
      if (!this.#ended && this.side.stopped) this.#ended = 'caller';
      await this.#serverReads(nowMs);
      for (; tickMs <= nowMs; tickMs += TICK_MS) {
        this.#media.tick(clock.nowMs);
        this.#calls.tick(clock.nowMs);
      }
    }
    await this.#serverReads(Infinity);
    this.#socket.gone();
    return this.#ended === 'line';
  }

  #send(text: string | undefined): void {
    const nowMs = this.#parts.clock.nowMs;
    if (text !== undefined) this.#parts.wire?.(nowMs, 'offhook', text);
    this.#toTwilio.push({ arrivesMs: this.#down.arrivalOf(nowMs - this.#startMs), text });
  }

  #twilioReads(nowMs: number): void {
    while (!this.#ended && (this.#toTwilio[0]?.arrivesMs ?? Infinity) <= nowMs) {
      const { arrivesMs, text } = this.#toTwilio.shift()!;
      if (text !== undefined) this.#deliver(this.side.receive(text, arrivesMs));
      else this.#end('application', arrivesMs);
    }
  }

  #end(by: 'caller' | 'line' | 'application', nowMs: number): void {
    this.#deliver(by === 'caller' ? this.side.stop(nowMs) : this.side.breakOff(nowMs));
    this.#ended = by;
  }

  #deliver(messages: readonly TimedText[]): void {
    for (const message of messages)
      this.#toServer.push({ ...message, arrivesMs: this.#up.arrivalOf(message.atMs) });
  }

  async #serverReads(nowMs: number): Promise<void> {
    const { clock } = this.#parts;
    for (let next = this.#toServer[0]; next && next.arrivesMs <= nowMs; next = this.#toServer[0]) {
      const { arrivesMs, text } = next;
      this.#toServer.shift();
      await clock.goTo(this.#startMs + arrivesMs);
      this.#parts.wire?.(clock.nowMs, 'twilio', text);
      this.#socket.arrives(text);
    }
    if (nowMs !== Infinity) await clock.goTo(this.#startMs + nowMs);
  }
}
