import { encodeMulaw } from '../mulaw.ts';
import { Resampler } from '../resampler.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { TurnDetector, type TurnSettings, type VoiceActivityDetector } from './turn-detector.ts';

const DETECTOR_HZ = 8_000;
/** What recognisers work at; more than this they throw away. */
export const RECOGNISER_HZ = 16_000;
/** What follows the last voiced frame of an utterance and still belongs to it. */
const TAIL_MS = 200;
/** While nobody speaks only so much is kept: more than lies before a beginning that is noticed late. */
const QUIET_MS = 3_000;

/** Something that was said into a microphone. Milliseconds since it began. */
export interface SegmentedUtterance {
  readonly startMs: number;
  readonly endMs: number;
  /** At `RECOGNISER_HZ`, mono. */
  readonly pcm: Int16Array;
}

/** What the microphone brought: somebody has begun to speak, pauses and may have finished, has finished, or had only coughed. */
type Cut =
  | { readonly kind: 'started'; readonly startMs: number }
  | { readonly kind: 'false-start' }
  | { readonly kind: 'paused'; readonly utterance: SegmentedUtterance }
  | { readonly kind: 'finished'; readonly utterance: SegmentedUtterance };

interface CutterParts {
  readonly sampleRateHz: number;
  readonly turns: TurnSettings;
  readonly judge: VoiceActivityDetector & { release?(): void };
  /** A pause of this length is told; shorter than the one that ends an utterance. */
  readonly pauseMs: number;
}

/** Cuts a microphone's sound of any rate into utterances, by the same detector that a call's turns are found by. */
export class UtteranceSegmenter {
  readonly #parts: CutterParts;
  readonly #detector: TurnDetector;
  readonly #toDetector: Resampler;
  readonly #toRecogniser: Resampler;
  readonly #kept = new SampleBuffer(RECOGNISER_HZ);
  readonly #longestMs: number;
  #detectedMs = 0;
  #speaking: number | undefined;
  #pauseTold = false;

  /** `loadResampler` has to have been awaited. */
  constructor(parts: CutterParts) {
    this.#parts = parts;
    this.#detector = new TurnDetector(parts.turns, parts.judge);
    this.#toDetector = new Resampler({ fromHz: parts.sampleRateHz, toHz: DETECTOR_HZ });
    this.#toRecogniser = new Resampler({ fromHz: parts.sampleRateHz, toHz: RECOGNISER_HZ });
    const { longestUtteranceMs, endOfTurnMs } = parts.turns;
    this.#longestMs = longestUtteranceMs + endOfTurnMs + QUIET_MS;
  }

  /** How much sound has come. */
  get heardMs(): number {
    return this.#detectedMs;
  }

  /** Whatever comes, no utterance will begin before this, pre-roll included. */
  get settledMs(): number {
    const { preRollMs } = this.#parts.turns;
    return Math.max(0, (this.#speaking ?? this.#detectedMs - QUIET_MS) - preRollMs);
  }

  hear(pcm: Int16Array): Cut[] {
    this.#keep(this.#toRecogniser.process(pcm));
    return this.#detect(this.#toDetector.process(pcm));
  }

  /** Where an utterance that is not finished has begun. */
  get speakingSinceMs(): number | undefined {
    return this.#speaking;
  }

  /** What has been said so far of an utterance that is not finished. */
  soFar(): SegmentedUtterance | undefined {
    return this.#speaking === undefined ? undefined : this.#cut(this.#speaking, this.#detectedMs);
  }

  /** The microphone is off: what was being said ends here. */
  end(): Cut[] {
    this.#keep(this.#toRecogniser.flush());
    const cuts = this.#detect(this.#toDetector.flush());
    for (const event of this.#detector.flush())
      if (event.kind === 'finished') cuts.push(this.#finished(event.startMs, event.endMs));
    return cuts;
  }

  /** Gives the memory back; to be called once. */
  close(): void {
    this.#toDetector.close();
    this.#toRecogniser.close();
    this.#parts.judge.release?.();
  }

  #detect(pcm: Int16Array): Cut[] {
    const cuts: Cut[] = [];
    const events = this.#detector.hear(this.#detectedMs, encodeMulaw(pcm), -100);
    this.#detectedMs += pcm.length / (DETECTOR_HZ / 1_000);
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

  /** Told once for each pause. */
  #paused(): Cut[] {
    const { pausedMs } = this.#detector;
    const pauses = pausedMs !== undefined && pausedMs >= this.#parts.pauseMs;
    const told = this.#pauseTold;
    this.#pauseTold = pauses;
    if (!pauses || told || this.#speaking === undefined) return [];
    return [{ kind: 'paused', utterance: this.#cut(this.#speaking, this.#detector.heardMs - pausedMs) }];
  }

  #finished(startMs: number, endMs: number): Cut {
    this.#speaking = undefined;
    return { kind: 'finished', utterance: this.#cut(startMs, endMs) };
  }

  #cut(startMs: number, endMs: number): SegmentedUtterance {
    const { preRollMs } = this.#parts.turns;
    return { startMs, endMs, pcm: this.#kept.between(startMs - preRollMs, endMs + TAIL_MS) };
  }

  #keep(pcm: Int16Array): void {
    this.#kept.add(pcm, this.#speaking === undefined ? QUIET_MS : this.#longestMs);
  }
}
