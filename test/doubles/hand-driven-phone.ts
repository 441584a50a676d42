import { encodeMulaw } from '../../src/audio/mulaw.ts';
import type { Call } from '../../src/call/call.ts';
import type { Line } from '../../src/call/ports.ts';

/** A telephone without any network: plays what is sent at once, returns marks when they are reached. Times are its clock's. */
export class PhoneAtHand implements Line {
  readonly clears: number[] = [];
  readonly hangUps: number[] = [];
  /** Stretches in which something was to be heard. */
  readonly heard: { readonly fromMs: number; toMs: number }[] = [];
  /** Everything that was sent, in order; `playedMs`: how much of it was to be heard in the end. */
  readonly sent: { readonly fromMs: number; readonly mulaw: Uint8Array; playedMs: number }[] = [];
  /** Marks are swallowed, as by a simulator that knows none. */
  marksLost = false;
  /** The caller's side is silent and nothing is sent for it. */
  sendsSilence = true;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  #marks: { readonly name: string; readonly dueMs: number }[] = [];
  #endMs: number;
  #nextFrameMs = 0;
  #speech: Uint8Array[] = [];

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAtMs = now();
    this.#endMs = now();
  }

  sendAudio(mulaw: Uint8Array): void {
    const fromMs = Math.max(this.#endMs, this.#now());
    this.#endMs = fromMs + mulaw.length / 8;
    this.sent.push({ fromMs, mulaw, playedMs: mulaw.length / 8 });
    const last = this.heard.at(-1);
    if (last?.toMs === fromMs) last.toMs = this.#endMs;
    else this.heard.push({ fromMs, toMs: this.#endMs });
  }

  sendMark(name: string): void {
    this.#marks.push({ name, dueMs: Math.max(this.#endMs, this.#now()) });
  }

  clear(): void {
    this.clears.push(this.#now());
    this.#stopPlaying();
    const last = this.heard.at(-1);
    if (last) last.toMs = Math.min(last.toMs, this.#endMs);
    this.#marks = this.#marks.map(({ name }) => ({ name, dueMs: this.#now() }));
  }

  /** The line is gone: what was not played is lost. */
  gone(): void {
    this.#stopPlaying();
  }

  #stopPlaying(): void {
    const nowMs = this.#now();
    this.#endMs = Math.min(this.#endMs, nowMs);
    for (let index = this.sent.length - 1; index >= 0; index -= 1) {
      const message = this.sent[index]!;
      if (message.fromMs + message.playedMs <= nowMs) break;
      message.playedMs = Math.max(0, nowMs - message.fromMs);
    }
  }

  hangUp(): void {
    this.hangUps.push(this.#now());
  }

  get playing(): boolean {
    return this.#endMs > this.#now();
  }

  /** Since when nothing is to be heard. */
  get quietSinceMs(): number {
    return this.#endMs;
  }

  /** The caller speaks for so long from the next frame on. */
  callerSpeaks(ms: number): void {
    for (let at = 0; at < ms; at += 20) this.#speech.push(voicedFrame(this.#speech.length));
  }

  get callerIsSpeaking(): boolean {
    return this.#speech.length > 0;
  }

  /** Gives the call everything that is due by now. */
  deliver(call: Call): void {
    const nowMs = this.#now();
    for (let mark = this.#marks[0]; mark && mark.dueMs <= nowMs; mark = this.#marks[0]) {
      this.#marks.shift();
      if (!this.marksLost) call.mark(mark.name, nowMs);
    }
    for (; this.#startedAtMs + this.#nextFrameMs + 20 <= nowMs; this.#nextFrameMs += 20) {
      const frame = this.#speech.shift();
      if (frame || this.sendsSilence) call.media(this.#nextFrameMs, frame ?? SILENCE, nowMs);
    }
  }
}

const SILENCE = new Uint8Array(160).fill(0xff);

/** Frames that were made once. */
const VOICED: Uint8Array[] = [];
/** Another pitch in each frame, and never the one of 100 ms before: held notes are taken for music. */
const PITCHES_HZ = [300, 900, 450, 1_500, 600, 2_100];

/** 20 ms of a sound whose loudness and pitch move like those of syllables do. */
export function voicedFrame(index: number): Uint8Array {
  return (VOICED[index] ??= newVoicedFrame(index));
}

function newVoicedFrame(index: number): Uint8Array {
  const step = (2 * Math.PI * PITCHES_HZ[index % PITCHES_HZ.length]!) / 8_000;
  const peak = index % 4 < 2 ? 12_000 : 4_000;
  return encodeMulaw(Int16Array.from({ length: 160 }, (_, i) => Math.round(peak * Math.sin(step * i))));
}
