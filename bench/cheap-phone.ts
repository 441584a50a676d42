import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FRAME_MS, pingFrame, pongFrame, type PreparedFrames, textFrame } from './prepared-frames.ts';

const PING_EVERY_MS = 1_000;
const BYTES_PER_MS = 8;
/** The length of a media message without its payload. */
const MEDIA_OVERHEAD = '{"event":"media","streamSid":"","media":{"payload":""}}'.length;

/** Measurements of all phones of a run. */
export interface PhoneFigures {
  roundTripsMs: number[];
  /** The lateness of a sent frame. */
  latenessMs: number[];
  lost: number;
  failed: number;
}

export function newCallSid(): string {
  return `CA${randomBytes(16).toString('hex')}`;
}

/** One call on a raw socket with minimal CPU cost: it simulates playback and returns marks on time. */
export class CheapPhone {
  readonly #socket: Socket;
  readonly #frames: PreparedFrames;
  readonly #figures: PhoneFigures;
  readonly #streamSid = `MZ${randomBytes(16).toString('hex')}`;
  readonly #marks: { readonly name: string; readonly dueMs: number }[] = [];
  #held: Buffer | undefined;
  #sent = 0;
  #startedAtMs = 0;
  #pingedAtMs = 0;
  #playedUntilMs = 0;
  #open = false;
  closed = false;
  /** While it is true no audio is sent, as on a line that sends none in silence. */
  paused = false;

  readonly #callSid: string;

  /** `path`: where its media stream goes. `isTls`: any certificate is accepted. */
  constructor(
    port: number,
    frames: PreparedFrames,
    figures: PhoneFigures,
    {
      callSid = newCallSid(),
      path = '/media-stream',
      isTls = false,
    }: { readonly callSid?: string; readonly path?: string; readonly isTls?: boolean } = {},
  ) {
    this.#frames = frames;
    this.#figures = figures;
    this.#callSid = callSid;
    const address = { port, host: '127.0.0.1' };
    this.#socket = isTls
      ? connectTls({ ...address, servername: 'localhost', rejectUnauthorized: false })
      : connect(address);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#over());
    this.#socket.on('data', (data) => this.#hear(data));
    const key = randomBytes(16).toString('base64');
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
  }

  /** Sends the frames that are due. */
  tick(nowMs: number): void {
    if (!this.#open) return;
    const due = Math.floor((nowMs - this.#startedAtMs) / FRAME_MS);
    if (this.paused) this.#sent = due;
    while (this.#sent < due) {
      this.#figures.latenessMs.push(nowMs - this.#startedAtMs - (this.#sent + 1) * FRAME_MS);
      this.#socket.write(this.#frames.media(this.#sent));
      this.#sent += 1;
    }
    for (let mark = this.#marks[0]; mark && mark.dueMs <= nowMs; mark = this.#marks[0]) {
      this.#marks.shift();
      this.#returnMark(mark.name);
    }
    if (nowMs - this.#pingedAtMs < PING_EVERY_MS) return;
    this.#pingedAtMs = nowMs;
    this.#socket.write(pingFrame(performance.now()));
  }

  hangUp(): void {
    this.closed = true;
    this.#socket.destroy();
  }

  #over(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.#open) this.#figures.lost += 1;
    else this.#figures.failed += 1;
    this.#open = false;
  }

  #hear(data: Buffer): void {
    this.#held = this.#held ? Buffer.concat([this.#held, data]) : data;
    if (!this.#open && !this.#begin()) return;
    for (let used = this.#take(); used > 0; used = this.#take()) {
      this.#held = used === this.#held.length ? undefined : this.#held.subarray(used);
      if (!this.#held) return;
    }
  }

  /** The response to the upgrade request. */
  #begin(): boolean {
    const end = this.#held!.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const status = this.#held!.toString('latin1', 9, 12);
    this.#held = this.#held!.subarray(end + 4);
    if (status !== '101') {
      this.#socket.destroy();
      return false;
    }
    this.#open = true;
    this.#startedAtMs = performance.now();
    this.#playedUntilMs = this.#startedAtMs;
    // Spreads the pings of different calls.
    this.#pingedAtMs = this.#startedAtMs - Math.random() * PING_EVERY_MS;
    const callSid = this.#callSid;
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    const start = { streamSid: this.#streamSid, callSid, tracks: ['inbound'], mediaFormat };
    this.#socket.write(textFrame({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
    this.#socket.write(textFrame({ event: 'start', streamSid: this.#streamSid, start }));
    return this.#held.length > 0;
  }

  /** Removes one frame from the buffer; returns its length, 0 if it is incomplete. */
  #take(): number {
    const held = this.#held!;
    if (held.length < 2) return 0;
    let length = held[1]! & 0x7f;
    let from = 2;
    if (length === 126) {
      if (held.length < 4) return 0;
      length = held.readUInt16BE(2);
      from = 4;
    } else if (length === 127) throw new Error('a message longer than 64 KiB');
    if (held.length < from + length) return 0;
    const opcode = held[0]! & 0x0f;
    if (opcode === 0x1) this.#message(held, from, length);
    else if (opcode === 0x9) this.#socket.write(pongFrame(held.subarray(from, from + length)));
    else if (opcode === 0xa) this.#figures.roundTripsMs.push(performance.now() - held.readDoubleLE(from));
    else if (opcode === 0x8) this.#socket.destroy();
    return from + length;
  }

  /** `{"event":"media…`, `{"event":"mark…` or `{"event":"clear…`: one letter distinguishes them. */
  #message(held: Buffer, from: number, length: number): void {
    const nowMs = performance.now();
    const [first, second] = [held[from + 10], held[from + 11]];
    if (first === 0x6d && second === 0x65) {
      const payload = length - MEDIA_OVERHEAD - this.#streamSid.length;
      this.#playedUntilMs = Math.max(this.#playedUntilMs, nowMs) + (payload * 0.75) / BYTES_PER_MS;
    } else if (first === 0x6d) {
      const { mark } = JSON.parse(held.toString('utf8', from, from + length)) as { mark: { name: string } };
      if (this.#playedUntilMs <= nowMs) this.#returnMark(mark.name);
      else this.#marks.push({ name: mark.name, dueMs: this.#playedUntilMs });
    } else if (first === 0x63) {
      this.#playedUntilMs = nowMs;
      for (const { name } of this.#marks.splice(0)) this.#returnMark(name);
    }
  }

  #returnMark(name: string): void {
    this.#socket.write(textFrame({ event: 'mark', streamSid: this.#streamSid, mark: { name } }));
  }
}
