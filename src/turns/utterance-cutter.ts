import { encodeMulaw } from '../audio/mulaw.ts';
import { Resampler } from '../audio/resampler.ts';
import { TurnDetector, type SpeechJudge, type TurnSettings } from './turn-detector.ts';

const DETECTOR_HZ = 8_000;
/** What recognisers work at; more than this they throw away. */
export const RECOGNISER_HZ = 16_000;
const SAMPLES_PER_MS = RECOGNISER_HZ / 1_000;
/** Sound before the first voiced frame and after the last that belongs to an utterance. */
const PRE_ROLL_MS = 300;
const TAIL_MS = 200;
/** While nobody speaks only so much is kept: more than lies before a beginning that is noticed late. */
const QUIET_SAMPLES = 3_000 * SAMPLES_PER_MS;

/** Something that was said into a microphone. Milliseconds since it began. */
export interface CutUtterance {
  readonly startMs: number;
  readonly endMs: number;
  /** At `RECOGNISER_HZ`, mono. */
  readonly pcm: Int16Array;
}

/** What the microphone brought: somebody has begun to speak, is speaking, has finished, or had only coughed. */
export type Cut =
  | { readonly kind: 'started'; readonly startMs: number }
  | { readonly kind: 'dismissed' }
  | { readonly kind: 'finished'; readonly utterance: CutUtterance };

/** Cuts a microphone's sound of any rate into utterances, by the same detector that a call's turns are found by. */
export class UtteranceCutter {
  readonly #detector: TurnDetector;
  readonly #judge: SpeechJudge & { release?(): void };
  readonly #toDetector: Resampler;
  readonly #toRecogniser: Resampler;
  readonly #longestSamples: number;
  #detectedMs = 0;
  /** The latest sound at the recogniser's rate, and where it begins. */
  #kept: Int16Array = new Int16Array(0);
  #keptFrom = 0;
  #speaking: number | undefined;

  /** `loadResampler` has to have been awaited. */
  constructor(parts: {
    sampleRateHz: number;
    turns: TurnSettings;
    judge: SpeechJudge & { release?(): void };
  }) {
    this.#detector = new TurnDetector(parts.turns, parts.judge);
    this.#judge = parts.judge;
    this.#toDetector = new Resampler({ fromHz: parts.sampleRateHz, toHz: DETECTOR_HZ });
    this.#toRecogniser = new Resampler({ fromHz: parts.sampleRateHz, toHz: RECOGNISER_HZ });
    const { longestUtteranceMs, endOfTurnMs } = parts.turns;
    this.#longestSamples = (longestUtteranceMs + endOfTurnMs + 2_000) * SAMPLES_PER_MS;
  }

  /** How much sound has come. */
  get heardMs(): number {
    return this.#detectedMs;
  }

  hear(pcm: Int16Array): Cut[] {
    this.#keep(this.#toRecogniser.process(pcm));
    return this.#detect(this.#toDetector.process(pcm));
  }

  /** What has been said so far of an utterance that is not finished. */
  soFar(): CutUtterance | undefined {
    if (this.#speaking === undefined) return undefined;
    return this.#cut(this.#speaking, this.#detectedMs);
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
    this.#judge.release?.();
  }

  #detect(pcm: Int16Array): Cut[] {
    const cuts: Cut[] = [];
    for (const event of this.#detector.hear(this.#detectedMs, encodeMulaw(pcm), -100)) {
      if (event.kind === 'started') {
        this.#speaking = event.atMs;
        cuts.push({ kind: 'started', startMs: event.atMs });
      } else if (event.kind === 'dismissed') {
        this.#speaking = undefined;
        cuts.push({ kind: 'dismissed' });
      } else if (event.kind === 'finished') cuts.push(this.#finished(event.startMs, event.endMs));
    }
    this.#detectedMs += pcm.length / (DETECTOR_HZ / 1_000);
    return cuts;
  }

  #finished(startMs: number, endMs: number): Cut {
    this.#speaking = undefined;
    return { kind: 'finished', utterance: this.#cut(startMs, endMs) };
  }

  #cut(startMs: number, endMs: number): CutUtterance {
    const from = Math.round((startMs - PRE_ROLL_MS) * SAMPLES_PER_MS) - this.#keptFrom;
    const to = Math.round((endMs + TAIL_MS) * SAMPLES_PER_MS) - this.#keptFrom;
    return { startMs, endMs, pcm: this.#kept.slice(Math.max(0, from), Math.max(0, to)) };
  }

  #keep(pcm: Int16Array): void {
    const wanted = this.#kept.length + pcm.length;
    const most = this.#speaking === undefined ? QUIET_SAMPLES : this.#longestSamples;
    const dropped = Math.max(0, wanted - most);
    const kept = new Int16Array(wanted - dropped);
    kept.set(this.#kept.subarray(Math.min(dropped, this.#kept.length)));
    const room = Math.min(pcm.length, kept.length);
    kept.set(pcm.subarray(pcm.length - room), kept.length - room);
    this.#kept = kept;
    this.#keptFrom += dropped;
  }
}
