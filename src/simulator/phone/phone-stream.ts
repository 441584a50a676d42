import WebSocket from 'ws';
import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { EndedBy, LoggedMessage, StreamReport } from '../call-report.ts';
import { isRecord, jsonObject } from '../json-object.ts';
import { speechReport } from '../speech-report.ts';
import type { CallerAct, Director } from './caller-script.ts';
import type { StreamSide, TimedText } from './media-server.ts';
import { EventLoopTime } from './event-loop-time.ts';
import { type NetworkConditions, NetworkDelay } from './network-delay.ts';
import { onTick } from './shared-ticker.ts';
import { StreamPings } from './stream-pings.ts';
import type { StreamUpgrade } from './twilio-requests.ts';

/** Follows what is heard and done on a stream. */
export interface PhoneStreamObserver {
  /** The caller does something, at stream time. */
  acts(act: CallerAct): void;
  /** The assistant begins or ceases to be heard. */
  playing(playing: boolean): void;
}

export interface PhoneStreamOptions {
  readonly upgrade: StreamUpgrade;
  readonly streamSid: string;
  readonly side: StreamSide;
  readonly director: Director;
  readonly network?: NetworkConditions | undefined;
  /** The messages in the report (default: all but media). */
  readonly log?: 'nothing' | 'all but media' | 'everything' | undefined;
  readonly pingEveryMs?: number | undefined;
  readonly observer: PhoneStreamObserver;
}

/** The longest step of simulated time: after a stall the caller still reacts as if there had been none. */
/** An application that does not answer the end of a stream is left after this time. */
const CLOSED_WITHIN_MS = 2_000;
const STEP_MS = 5;

/** One stream over a real socket in real time: stream time follows a monotonic clock and does not depend on timers. */
export class PhoneStream {
  readonly #options: PhoneStreamOptions;
  readonly #side: StreamSide;
  readonly #socket: WebSocket;
  readonly #up: NetworkDelay;
  readonly #down: NetworkDelay;
  /** A message from the application; without a frame it is the closing of the socket. */
  readonly #inbox: { readonly atMs: number; readonly frame: string | Uint8Array | undefined }[] = [];
  readonly #outbox: TimedText[] = [];
  readonly #spoken: { readonly startMs: number; readonly endMs: number }[] = [];
  readonly #marks: { readonly name: string; readonly atMs: number }[] = [];
  readonly #pings: StreamPings;
  readonly #arrivalTime = new EventLoopTime();
  readonly #log: LoggedMessage[] = [];
  #openedAt = 0;
  #nowMs = 0;
  #playing = false;
  #endedBy: EndedBy | undefined;
  #wantsEnd: EndedBy | undefined;
  #onEnd: () => void = () => undefined;

  constructor(options: PhoneStreamOptions) {
    this.#options = options;
    this.#side = options.side;
    this.#up = new NetworkDelay(options.network?.up);
    this.#down = new NetworkDelay(options.network?.down);
    const { url, headers } = options.upgrade;
    this.#socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#pings = new StreamPings(this.#socket, options.pingEveryMs);
  }

  /** The caller (or Twilio, on a REST request) hangs up as soon as possible. */
  hangUp(by: EndedBy): void {
    this.#wantsEnd ??= by;
  }

  /** Runs until the stream ends; never rejects. `askedAtMs`: time since the beginning of the call. */
  async run(askedAtMs: number): Promise<StreamReport> {
    const askedAt = performance.now();
    let stopTicking: (() => void) | undefined;
    const closeCode = await new Promise<number>((resolve) => {
      const socket = this.#socket;
      // Errors of the connection are caused by the application; the close event that follows reports them.
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (request, response) => {
        this.#endedBy ??= 'refused';
        request.destroy();
        resolve(response.statusCode ?? 0);
      });
      socket.on('open', () => {
        this.#openedAt = performance.now();
        this.#options.director.newStream();
        stopTicking = onTick(() => {
          this.#tick();
        });
        this.#tick();
      });
      socket.on('message', (data: Buffer, isBinary) => {
        this.#arrives(isBinary ? new Uint8Array(data) : data.toString());
      });
      socket.on('pong', (data) => {
        this.#pings.pong(data, performance.now() - this.#openedAt);
      });
      socket.on('close', (code) => {
        if (this.#openedAt === 0) this.#endedBy ??= 'refused';
        this.#arrives(undefined);
        if (this.#endedBy) resolve(code);
        else
          this.#onEnd = () => {
            resolve(code);
          };
      });
    });
    stopTicking?.();
    return this.#report(askedAtMs + Math.max(0, this.#openedAt - askedAt), closeCode);
  }

  #arrives(frame: string | Uint8Array | undefined): void {
    if (this.#endedBy) return;
    const sentAtMs = this.#arrivalTime.now() - this.#openedAt;
    this.#inbox.push({ atMs: this.#down.arrivalOf(sentAtMs), frame });
    this.#tick();
  }

  #tick(): void {
    const untilMs = performance.now() - this.#openedAt;
    while (!this.#endedBy && this.#nowMs < untilMs) {
      this.#nowMs = Math.min(untilMs, this.#nowMs + STEP_MS);
      this.#step(this.#nowMs);
    }
    this.#flush(untilMs);
    this.#pings.tick(untilMs);
  }

  #step(nowMs: number): void {
    for (let first = this.#inbox[0]; first && first.atMs <= nowMs; first = this.#inbox[0]) {
      this.#inbox.shift();
      if (first.frame === undefined) {
        this.#send(this.#side.breakOff(first.atMs));
        this.#end('application');
        return;
      }
      this.#note('application', first.atMs, first.frame);
      this.#send(this.#side.receive(first.frame, first.atMs));
    }
    this.#send(this.#side.advance(nowMs));
    if (this.#side.stopped) this.#end('caller');
    if (this.#wantsEnd && !this.#endedBy) this.#stop(this.#wantsEnd);
    for (const act of this.#options.director.due(this.#side.playout, nowMs)) {
      if (!this.#endedBy) this.#act(act, nowMs);
    }
    this.#watch(nowMs);
  }

  #act(act: CallerAct, nowMs: number): void {
    this.#options.observer.acts(act);
    if (act.do === 'press') this.#send(this.#side.press(act.digit, nowMs));
    if (act.do === 'hangUp') this.#stop('caller');
    if (act.do === 'speak') {
      const startMs = this.#side.callerSpeaks(act.audio, nowMs);
      this.#spoken.push({ startMs, endMs: startMs + act.audio.length / SAMPLES_PER_MS });
    }
    if (act.do === 'breakStream') {
      this.#side.breakOff(nowMs);
      this.#outbox.length = 0;
      this.#end('line');
      this.#socket.terminate();
    }
  }

  #stop(by: EndedBy): void {
    this.#send(this.#side.stop(this.#nowMs));
    this.#end(by);
  }

  #end(by: EndedBy): void {
    this.#endedBy ??= by;
    this.#onEnd();
    setTimeout(() => this.#socket.terminate(), CLOSED_WITHIN_MS).unref();
  }

  #watch(nowMs: number): void {
    const playing = this.#side.playout.isPlaying(nowMs);
    if (playing === this.#playing) return;
    this.#playing = playing;
    this.#options.observer.playing(playing);
  }

  #send(messages: readonly TimedText[]): void {
    for (const { atMs, text } of messages) {
      this.#note('twilio', atMs, text);
      this.#outbox.push({ atMs: this.#up.arrivalOf(atMs), text });
    }
  }

  /** Sends the messages that are due; after the last one the socket is closed, as Twilio does after `stop`. */
  #flush(untilMs: number): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    let sent = 0;
    for (const { atMs, text } of this.#outbox) {
      if (atMs > untilMs) break;
      this.#socket.send(text);
      sent++;
    }
    this.#outbox.splice(0, sent);
    if (this.#endedBy && this.#outbox.length === 0) this.#socket.close(1000);
  }

  #note(from: 'twilio' | 'application', atMs: number, frame: string | Uint8Array): void {
    const { log = 'all but media' } = this.#options;
    const text = typeof frame === 'string' ? frame : `[${String(frame.length)} binary bytes]`;
    const isMedia = text.includes('"event":"media"');
    if (from === 'twilio' && !isMedia) this.#noteMark(atMs, text);
    if (log === 'everything' || (log === 'all but media' && !isMedia)) this.#log.push({ atMs, from, text });
  }

  #noteMark(atMs: number, text: string): void {
    const mark = jsonObject(text)?.['mark'];
    if (isRecord(mark)) this.#marks.push({ name: String(mark['name']), atMs });
  }

  #report(startedAtMs: number, closeCode: number): StreamReport {
    const side = this.#side;
    return {
      streamSid: this.#options.streamSid,
      startedAtMs,
      lengthMs: this.#openedAt === 0 ? 0 : side.callerTrack().length / SAMPLES_PER_MS,
      endedBy: this.#endedBy ?? 'failed',
      playedAssistant: side.playedAssistant(),
      callerTrack: side.callerTrack(),
      speeches: this.#spoken.map((spoken) => speechReport(spoken, side.playout)),
      marks: this.#marks,
      warnings: side.warnings,
      roundTripsMs: this.#pings.roundTripsMs,
      readUntilMs: this.#pings.readUntilMs,
      log: this.#log,
      closeCode,
    };
  }
}
