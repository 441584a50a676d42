import type { AudioFormat } from '../audio/formats/formats.ts';
import { loadVoiceActivity, VoiceActivity } from '../audio/speech/voice-activity.ts';
import type { CallEnvironment } from '../call/call-options.ts';
import { CallRegistry } from '../call/call-registry.ts';
import type { EndedCall } from '../call/call-store.ts';
import { TurnRules } from '../call/dialog/turn-taking/turn-rules.ts';
import type { CallEvent } from '../events/call-events.ts';
import { MediaStream } from '../telephony/twilio/media-stream.ts';
import type { StreamSource, StreamTarget } from '../telephony/twilio/stream-ports.ts';
import type { StreamSide, TimedText } from './phone/media-server.ts';
import { type NetworkConditions, NetworkDelay } from './phone/network-delay.ts';
import type { SimulatedCaller } from './phone/simulated-caller.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualSocket } from './virtual-socket.ts';

/** The polling interval of the simulated caller and Twilio. */
const STEP_MS = 5;
const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
const TICK_MS = 40;
const LONGEST_CALL_MS = 5 * 3_600_000;
/** The delay between a broken stream and Twilio's next webhook. */
const CONTINUE_AFTER_MS = 200;

/** What a virtual call takes from a real process. */
export type VirtualCallEnvironment = Pick<CallEnvironment, 'settings' | 'services' | 'prompts' | 'greeter'>;

export interface VirtualCallOptions {
  readonly clock: VirtualClock;
  readonly callSid: string;
  readonly caller: SimulatedCaller;
  readonly network?: NetworkConditions | undefined;
  readonly environment: VirtualCallEnvironment;
  readonly format: AudioFormat;
}

export interface VirtualCallResult {
  /** The journal. */
  readonly events: CallEvent[];
  readonly sides: readonly StreamSide[];
  readonly over: EndedCall<{ append(event: CallEvent): void }> | undefined;
}

/** Plays a whole call in this process under a virtual clock: the real calls and media stream, and no time passes. */
export async function playVirtualCall(options: VirtualCallOptions): Promise<VirtualCallResult> {
  await loadVoiceActivity();
  const { clock } = options;
  const events: CallEvent[] = [];
  const journal = { append: (event: CallEvent) => void events.push(keep(event)) };
  let over: VirtualCallResult['over'];
  const calls = new CallRegistry({
    environment: {
      ...options.environment,
      rules: new TurnRules(),
      recorded: true,
      createDetector: () => new VoiceActivity(),
      now: clock.now,
    },
    defaultFormat: options.format,
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
  const { callSid, caller } = options;
  const { from, to } = caller;
  calls.ring({ callSid, from, to }, clock.nowMs);
  const sides: StreamSide[] = [];
  for (let number = 1; !over; number += 1) {
    const stream = new VirtualStream(options, calls, `MZ${String(number).padStart(32, '0')}`);
    sides.push(stream.side);
    const continues = await stream.run();
    if (continues) await wait(clock, calls, CONTINUE_AFTER_MS);
    if (continues && calls.continues(callSid, clock.nowMs)) continue;
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
  readonly #options: VirtualCallOptions;
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
    options: VirtualCallOptions,
    calls: CallRegistry<{ append(event: CallEvent): void }>,
    streamSid: string,
  ) {
    this.#options = options;
    this.#calls = calls;
    this.#startMs = options.clock.nowMs;
    this.#up = new NetworkDelay(options.network?.up);
    this.#down = new NetworkDelay(options.network?.down);
    const { clock, callSid, caller } = options;
    this.side = caller.side({ callSid, accountSid: ACCOUNT_SID, streamSid, customParameters: {} });
    caller.director.newStream();
    this.#socket = new VirtualSocket(
      (text) => this.#send(text),
      () => this.#send(undefined),
    );
    const { from, to } = caller;
    const target: StreamTarget = {
      streamStarted: (identity, sid, line, atMs) => calls.streamStarted(identity, sid, line, atMs),
      streamEnded: (callSid, line, reason, atMs, lastSignMs) =>
        calls.streamEnded(callSid, line, reason, atMs, lastSignMs),
      acquire: () => undefined,
      oddity: () => undefined,
    };
    const source: StreamSource = {
      authenticate: (callSid) => ({ callSid, from, to }),
      endCall: () => Promise.resolve(false),
    };
    this.#media = new MediaStream(this.#socket.asWebSocket(), { source, target, now: clock.now });
  }

  /** Returns true if the line broke and the call may continue. */
  async run(): Promise<boolean> {
    const { clock, caller } = this.#options;
    let tickMs = 0;
    for (let nowMs = 0; !this.#ended && nowMs < LONGEST_CALL_MS; nowMs += STEP_MS) {
      this.#twilioReads(nowMs);
      for (const act of this.#ended ? [] : caller.director.due(this.side.playout, nowMs)) {
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
    const nowMs = this.#options.clock.nowMs;
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
    const { clock } = this.#options;
    for (let next = this.#toServer[0]; next && next.arrivesMs <= nowMs; next = this.#toServer[0]) {
      const { arrivesMs, text } = next;
      this.#toServer.shift();
      await clock.goTo(this.#startMs + arrivesMs);
      this.#socket.arrives(text);
    }
    if (nowMs !== Infinity) await clock.goTo(this.#startMs + nowMs);
  }
}
