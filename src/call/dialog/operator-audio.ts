import { TurnDetector, type TurnSettings } from '../../audio/speech/turn-detector.ts';
import { FRAME_MS, SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { ReleasableDetector } from '../media-session.ts';
import type { SpeechOutput } from '../playback/speech-output.ts';
import type { SpokenTurn } from './utterance-transcription.ts';

/** Dates and receives the utterances of an operator. */
export interface OperatorSpeechListener {
  /** Our clock in call milliseconds. */
  callMs(atMs: number): number;
  /** Called with each complete utterance. */
  spoke(turn: SpokenTurn, atMs: number): void;
}

export interface OperatorAudioOptions {
  readonly output: SpeechOutput;
  readonly turns: TurnSettings;
  readonly detector: ReleasableDetector;
  readonly listener: OperatorSpeechListener;
}

/**
 * Sends an operator's microphone to the line: each utterance is one piece, which starts with the audio just before its first
 * voiced frame. Silence between utterances is not sent. Marks therefore date an operator's audio as they date any other piece.
 */
export class OperatorAudio {
  readonly #options: OperatorAudioOptions;
  readonly #detector: TurnDetector;
  readonly #preRoll: Uint8Array[] = [];
  readonly #preRollFrames: number;
  #nowMs = 0;
  #piece: { readonly number: number; readonly fromMs: number } | undefined;

  constructor(options: OperatorAudioOptions) {
    this.#options = options;
    this.#detector = new TurnDetector(options.turns, options.detector);
    const { preRollMs, minSpeechMs } = options.turns;
    // The detector reports speech only after it has lasted a while: until then its audio is buffered, with the pre-roll.
    this.#preRollFrames = Math.ceil((preRollMs + 2 * minSpeechMs) / FRAME_MS);
  }

  /** The next audio of the microphone: μ-law at 8,000 Hz, of any length. */
  hear(mulaw: Uint8Array, atMs: number): void {
    if (mulaw.length === 0) return;
    const events = this.#detector.hear(this.#nowMs, mulaw, -100);
    this.#nowMs += mulaw.length / SAMPLES_PER_MS;
    const { output } = this.#options;
    // A microphone that runs faster than real time fills the output queue; the excess is dropped.
    if (this.#piece && !output.full) output.push(this.#piece.number, mulaw, atMs);
    else if (!this.#piece) this.#buffer(mulaw);
    for (const event of events) {
      if (event.kind === 'started') this.#open(atMs);
      if (event.kind === 'finished') this.#close(event, atMs);
    }
  }

  /** The operator hands back or has disconnected: the current utterance ends here. */
  end(atMs: number): void {
    this.pause(atMs);
    this.#options.detector.release?.();
  }

  /** The line is gone for now. */
  pause(atMs: number): void {
    for (const event of this.#detector.flush()) if (event.kind === 'finished') this.#close(event, atMs);
    if (this.#piece) this.#options.output.complete(this.#piece.number, atMs);
    this.#piece = undefined;
  }

  #buffer(mulaw: Uint8Array): void {
    this.#preRoll.push(mulaw.slice());
    while (this.#preRoll.length > this.#preRollFrames) this.#preRoll.shift();
  }

  #open(atMs: number): void {
    if (this.#piece) return;
    const { output } = this.#options;
    const piece = { reply: output.nextReply(), speaker: 'operator', text: '', role: 'operator' } as const;
    const number = output.open(piece, atMs);
    const samples = this.#preRoll.reduce((sum, { length }) => sum + length, 0);
    this.#piece = { number, fromMs: this.#nowMs - samples / SAMPLES_PER_MS };
    for (const mulaw of this.#preRoll) output.push(number, mulaw, atMs);
    this.#preRoll.length = 0;
  }

  #close(said: { startMs: number; endMs: number; mulaw: Uint8Array }, atMs: number): void {
    const piece = this.#piece;
    if (!piece) return;
    this.#piece = undefined;
    this.#options.output.complete(piece.number, atMs);
    const agoMs = this.#nowMs - said.startMs;
    const startMs = Math.max(0, this.#options.listener.callMs(atMs) - agoMs);
    const endMs = startMs + said.endMs - said.startMs;
    const operator = {
      piece: piece.number,
      fromMs: Math.max(0, said.startMs - piece.fromMs),
      toMs: said.endMs - piece.fromMs,
    };
    this.#options.listener.spoke({ startMs, endMs, mulaw: said.mulaw, operator }, atMs);
  }
}
