import { encodeMulaw } from '../mulaw.ts';
import { Resampler } from '../resampler.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../telephone.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { TurnDetector, type TurnSettings, type VoiceActivityDetector } from './turn-detector.ts';

/** The sample rate of speech recognisers; they discard higher frequencies. */
export const RECOGNISER_HZ = 16_000;
/** Audio after the last voiced frame that still belongs to the utterance. */
const TAIL_MS = 200;
/** The history kept while there is no speech: longer than the delay with which a beginning is detected. */
const QUIET_MS = 3_000;

/** An utterance from a microphone. Times are milliseconds since the microphone was opened. */
export interface SegmentedUtterance {
  readonly startMs: number;
  readonly endMs: number;
  /** The start of `pcm`, which includes a little before the first word. */
  readonly audioStartMs: number;
  /** At `RECOGNISER_HZ`, mono. */
  readonly pcm: Int16Array;
}

/** Events: speech has started, is paused and may be complete, is complete, or was too short to be speech. */
export type SegmenterEvent =
  | { readonly kind: 'started'; readonly startMs: number }
  | { readonly kind: 'false-start' }
  | { readonly kind: 'paused'; readonly utterance: SegmentedUtterance }
  | { readonly kind: 'finished'; readonly utterance: SegmentedUtterance };

/** Splits a microphone's sound into parts that are transcribed one by one. Times are milliseconds of sound. */
export interface Segmenter {
  /** The duration of the sound received so far. */
  readonly heardMs: number;
  /** No later part begins before this time. */
  readonly earliestNextStartMs: number;
  /** The start of an unfinished utterance, whose partial text is of use. */
  readonly speakingSinceMs: number | undefined;
  hear(pcm: Int16Array): SegmenterEvent[];
  /** The audio of the unfinished utterance so far. */
  soFar(): SegmentedUtterance | undefined;
  /** The sound has ended, and with it the current part. */
  end(): SegmenterEvent[];
  /** Frees the memory; call it once. */
  close(): void;
}

interface UtteranceSegmenterOptions {
  readonly sampleRateHz: number;
  readonly turns: TurnSettings;
  readonly voiceActivity: VoiceActivityDetector & { release?(): void };
  /** A pause of this length emits an event; it is shorter than the pause that ends an utterance. */
  readonly pauseMs: number;
}

/**
 * Splits a microphone's sound of any sample rate into utterances, with the detector that also finds the turns of a
 * call.
 */
export class UtteranceSegmenter implements Segmenter {
  readonly #options: UtteranceSegmenterOptions;
  readonly #detector: TurnDetector;
  readonly #toDetector: Resampler;
  readonly #toRecogniser: Resampler;
  readonly #kept = new SampleBuffer(RECOGNISER_HZ);
  readonly #longestMs: number;
  #detectedMs = 0;
  #speaking: number | undefined;
  #pauseReported = false;

  /** `loadResampler` must have been awaited. */
  constructor(options: UtteranceSegmenterOptions) {
    this.#options = options;
    this.#detector = new TurnDetector(options.turns, options.voiceActivity);
    this.#toDetector = new Resampler({ fromHz: options.sampleRateHz, toHz: TELEPHONE_HZ });
    this.#toRecogniser = new Resampler({ fromHz: options.sampleRateHz, toHz: RECOGNISER_HZ });
    const { longestUtteranceMs, endOfTurnMs } = options.turns;
    this.#longestMs = longestUtteranceMs + endOfTurnMs + QUIET_MS;
  }

  /** The duration of the sound received so far. */
  get heardMs(): number {
    return this.#detectedMs;
  }

  /** No later utterance begins before this time, pre-roll included. */
  get earliestNextStartMs(): number {
    const { preRollMs } = this.#options.turns;
    return Math.max(0, (this.#speaking ?? this.#detectedMs - QUIET_MS) - preRollMs);
  }

  hear(pcm: Int16Array): SegmenterEvent[] {
    this.#keep(this.#toRecogniser.process(pcm));
    return this.#detect(this.#toDetector.process(pcm));
  }

  /** The start of the unfinished utterance. */
  get speakingSinceMs(): number | undefined {
    return this.#speaking;
  }

  /** The audio of the unfinished utterance so far. */
  soFar(): SegmentedUtterance | undefined {
    return this.#speaking === undefined ? undefined : this.#cut(this.#speaking, this.#detectedMs);
  }

  /** The microphone is off: ends the current utterance. */
  end(): SegmenterEvent[] {
    this.#keep(this.#toRecogniser.flush());
    const cuts = this.#detect(this.#toDetector.flush());
    for (const event of this.#detector.flush())
      if (event.kind === 'finished') cuts.push(this.#finished(event.startMs, event.endMs));
    return cuts;
  }

  /** Frees the memory; call it once. */
  close(): void {
    this.#toDetector.close();
    this.#toRecogniser.close();
    this.#options.voiceActivity.release?.();
  }

  #detect(pcm: Int16Array): SegmenterEvent[] {
    const cuts: SegmenterEvent[] = [];
    const events = this.#detector.hear(this.#detectedMs, encodeMulaw(pcm), -100);
    this.#detectedMs += pcm.length / SAMPLES_PER_MS;
    for (const event of events) {
      if (event.kind === 'started') {
        this.#speaking = event.atMs;
        cuts.push({ kind: 'started', startMs: event.atMs });
      } else if (event.kind === 'false-start') {
        this.#speaking = undefined;
        cuts.push({ kind: 'false-start' });
      } else if (event.kind === 'finished') cuts.push(this.#finished(event.startMs, event.endMs));
    }
    cuts.push(...this.#paused());
    return cuts;
  }

  /** Emitted once per pause. */
  #paused(): SegmenterEvent[] {
    const { pausedMs } = this.#detector;
    const pauses = pausedMs !== undefined && pausedMs >= this.#options.pauseMs;
    const reported = this.#pauseReported;
    this.#pauseReported = pauses;
    if (!pauses || reported || this.#speaking === undefined) return [];
    return [{ kind: 'paused', utterance: this.#cut(this.#speaking, this.#detector.heardMs - pausedMs) }];
  }

  #finished(startMs: number, endMs: number): SegmenterEvent {
    this.#speaking = undefined;
    return { kind: 'finished', utterance: this.#cut(startMs, endMs) };
  }

  #cut(startMs: number, endMs: number): SegmentedUtterance {
    const { preRollMs } = this.#options.turns;
    const audioStartMs = Math.max(0, startMs - preRollMs);
    return { startMs, endMs, audioStartMs, pcm: this.#kept.between(audioStartMs, endMs + TAIL_MS) };
  }

  #keep(pcm: Int16Array): void {
    this.#kept.add(pcm, this.#speaking === undefined ? QUIET_MS : this.#longestMs);
  }
}
