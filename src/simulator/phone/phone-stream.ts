import WebSocket from 'ws';
import type { EndedBy, LoggedMessage, StreamReport } from '../call-report.ts';
import { isRecord, jsonObject } from '../json-object.ts';
import { speechReport } from '../speech-report.ts';
import type { CallerAct, Director } from './caller-script.ts';
import type { StreamSide, TimedText } from './media-server.ts';
import type { DelayOptions } from './network-delay.ts';
import { NetworkDelay } from './network-delay.ts';
import { onTick } from './shared-ticker.ts';

export interface PhoneStreamOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly streamSid: string;
  readonly side: StreamSide;
  readonly director: Director;
  /** From Twilio to the application. */
  readonly upDelay?: DelayOptions;
  /** From the application to Twilio. */
  readonly downDelay?: DelayOptions;
  /** The messages included in the report (default: all but media). */
  readonly log?: 'nothing' | 'all but media' | 'everything';
  readonly pingEveryMs?: number;
  /** The caller's actions in stream time, and the times when the assistant starts and stops being audible. */
  readonly onAct?: (act: CallerAct) => void;
  readonly onPlaying?: (playing: boolean) => void;
}

/** The longest step of simulated time: after a stall the caller still reacts as if there had been none. */
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
  readonly #roundTripsMs: number[] = [];
  readonly #log: LoggedMessage[] = [];
  #openedAt = 0;
  #nowMs = 0;
  #pingedAtMs = 0;
  #readUntilMs = 0;
  #playing = false;
  #turnMs: number | undefined;
  #endedBy: EndedBy | undefined;
  #wantsEnd: EndedBy | undefined;
  #onEnd: () => void = () => undefined;

  constructor(options: PhoneStreamOptions) {
    this.#options = options;
    this.#side = options.side;
    this.#up = new NetworkDelay(options.upDelay);
    this.#down = new NetworkDelay(options.downDelay);
    this.#socket = new WebSocket(options.url, { headers: options.headers, perMessageDeflate: false });
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
        const sentAt = Number(data.toString());
        this.#roundTripsMs.push(performance.now() - sentAt);
        this.#readUntilMs = sentAt - this.#openedAt;
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
    const sentAtMs = this.#turnOfLoopMs();
    this.#inbox.push({ atMs: this.#down.arrivalOf(sentAtMs), frame });
    this.#tick();
  }

  /** Messages written together arrive together: all that is read in one turn of the event loop gets the same time. */
  #turnOfLoopMs(): number {
    if (this.#turnMs === undefined) {
      this.#turnMs = performance.now() - this.#openedAt;
      setImmediate(() => (this.#turnMs = undefined));
    }
    return this.#turnMs;
  }

  #tick(): void {
    const untilMs = performance.now() - this.#openedAt;
    while (!this.#endedBy && this.#nowMs < untilMs) {
      this.#nowMs = Math.min(untilMs, this.#nowMs + STEP_MS);
      this.#step(this.#nowMs);
    }
    this.#flush(untilMs);
    this.#ping(untilMs);
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
    this.#options.onAct?.(act);
    if (act.do === 'press') this.#send(this.#side.press(act.digit, nowMs));
    if (act.do === 'hangUp') this.#stop('caller');
    if (act.do === 'speak') {
      const startMs = this.#side.callerSpeaks(act.audio, nowMs);
      this.#spoken.push({ startMs, endMs: startMs + act.audio.length / 8 });
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
  }

  #watch(nowMs: number): void {
    const playing = this.#side.playout.isPlaying(nowMs);
    if (playing === this.#playing) return;
    this.#playing = playing;
    this.#options.onPlaying?.(playing);
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

  #ping(untilMs: number): void {
    const { pingEveryMs = 1000 } = this.#options;
    if (untilMs - this.#pingedAtMs < pingEveryMs || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#pingedAtMs = untilMs;
    this.#socket.ping(String(this.#openedAt + untilMs));
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
      lengthMs: this.#openedAt === 0 ? 0 : side.callerTrack().length / 8,
      endedBy: this.#endedBy ?? 'failed',
      playedAssistant: side.playedAssistant(),
      callerTrack: side.callerTrack(),
      speeches: this.#spoken.map((spoken) => speechReport(spoken, side.playout)),
      marks: this.#marks,
      warnings: side.warnings,
      roundTripsMs: this.#roundTripsMs,
      readUntilMs: this.#readUntilMs,
      log: this.#log,
      closeCode,
    };
  }
}
