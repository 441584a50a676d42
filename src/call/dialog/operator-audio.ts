import {
  TurnDetector,
  type TurnSettings,
  type VoiceActivityDetector,
} from '../../audio/speech/turn-detector.ts';
import type { SpeechOutput } from '../playback/speech-output.ts';
import type { SpokenTurn } from './utterance-transcription.ts';

const SAMPLES_PER_MS = 8;
const FRAME_MS = 20;

export interface OperatorAudioOptions {
  readonly mouth: SpeechOutput;
  readonly turns: TurnSettings;
  readonly judge: VoiceActivityDetector & { release?(): void };
  /** The present call time. */
  readonly callMs: (atMs: number) => number;
  spoke(turn: SpokenTurn, atMs: number): void;
}

/**
 * An operator's microphone on the line: what is said goes out as pieces, one for each utterance, from a moment before its
 * first voiced frame; the silence between them is not sent. So it is marked, heard and placed as everything else we say.
 */
export class OperatorAudio {
  readonly #parts: OperatorAudioOptions;
  readonly #detector: TurnDetector;
  readonly #before: Uint8Array[] = [];
  readonly #mostBefore: number;
  #nowMs = 0;
  #piece: { readonly number: number; readonly fromMs: number } | undefined;

  constructor(parts: OperatorAudioOptions) {
    this.#parts = parts;
    this.#detector = new TurnDetector(parts.turns, parts.judge);
    const { preRollMs, minSpeechMs } = parts.turns;
    // Speech is told of only when it has lasted: until then it is kept, with what lies before it.
    this.#mostBefore = Math.ceil((preRollMs + 2 * minSpeechMs) / FRAME_MS);
  }

  /** The microphone's next μ-law, 8 kHz; of any length. */
  hear(mulaw: Uint8Array, atMs: number): void {
    if (mulaw.length === 0) return;
    const events = this.#detector.hear(this.#nowMs, mulaw, -100);
    this.#nowMs += mulaw.length / SAMPLES_PER_MS;
    // A microphone that is faster than time fills the outbox; the rest of it is dropped.
    if (this.#piece && !this.#parts.mouth.full) this.#parts.mouth.push(this.#piece.number, mulaw, atMs);
    else if (!this.#piece) this.#keep(mulaw);
    for (const event of events) {
      if (event.kind === 'started') this.#open(atMs);
      if (event.kind === 'finished') this.#close(event, atMs);
    }
  }

  /** The operator hands back or is gone: what was being said ends here. */
  end(atMs: number): void {
    this.pause(atMs);
    this.#parts.judge.release?.();
  }

  /** The line is gone, for a while at least. */
  pause(atMs: number): void {
    for (const event of this.#detector.flush()) if (event.kind === 'finished') this.#close(event, atMs);
    if (this.#piece) this.#parts.mouth.complete(this.#piece.number, atMs);
    this.#piece = undefined;
  }

  #keep(mulaw: Uint8Array): void {
    this.#before.push(mulaw.slice());
    while (this.#before.length > this.#mostBefore) this.#before.shift();
  }

  #open(atMs: number): void {
    if (this.#piece) return;
    const { mouth } = this.#parts;
    const number = mouth.open(
      { reply: mouth.nextReply(), speaker: 'operator', text: '', role: 'operator' },
      atMs,
    );
    const samples = this.#before.reduce((sum, { length }) => sum + length, 0);
    this.#piece = { number, fromMs: this.#nowMs - samples / SAMPLES_PER_MS };
    for (const mulaw of this.#before) mouth.push(number, mulaw, atMs);
    this.#before.length = 0;
  }

  #close(said: { startMs: number; endMs: number; mulaw: Uint8Array }, atMs: number): void {
    const piece = this.#piece;
    if (!piece) return;
    this.#piece = undefined;
    this.#parts.mouth.complete(piece.number, atMs);
    const agoMs = this.#nowMs - said.startMs;
    const startMs = Math.max(0, this.#parts.callMs(atMs) - agoMs);
    this.#parts.spoke(
      {
        startMs,
        endMs: startMs + said.endMs - said.startMs,
        mulaw: said.mulaw,
        operator: {
          piece: piece.number,
          fromMs: Math.max(0, said.startMs - piece.fromMs),
          toMs: said.endMs - piece.fromMs,
        },
      },
      atMs,
    );
  }
}
