import { RECOGNISER_HZ, type SegmentedUtterance } from '../../audio/speech/utterance-segmenter.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import type { SpokenSegment, Utterance } from '../../call/ports.ts';
import type { MicrophoneUtterance } from '../../catalogue/microphone-entry.ts';

/** 19 MB as a WAV file. OpenAI accepts 25 MB (https://developers.openai.com/api/docs/guides/speech-to-text) and about 23 minutes. */
const LONGEST_PART_MS = 600_000;
const SAMPLES_PER_MS = RECOGNISER_HZ / 1_000;

/** Consecutive utterances of a recording that are transcribed in one request, so that each voice has one label. */
export class RecordingPart {
  readonly utterances: SegmentedUtterance[] = [];
  /** 1 for the first part of a recording. */
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }

  get isEmpty(): boolean {
    return this.utterances.length === 0;
  }

  /** False if the part would become too long. */
  takes(utterance: SegmentedUtterance): boolean {
    return this.isEmpty || audioEndMs(utterance) - this.#startMs <= LONGEST_PART_MS;
  }

  add(utterance: SegmentedUtterance): void {
    this.utterances.push(utterance);
  }

  /** The part as one sound, with silence between its utterances. */
  sound(): Utterance {
    const endMs = Math.max(...this.utterances.map(audioEndMs));
    const pcm = new Int16Array(Math.ceil((endMs - this.#startMs) * SAMPLES_PER_MS) + 1);
    for (const { audioStartMs, pcm: part } of this.utterances)
      pcm.set(part, Math.round((audioStartMs - this.#startMs) * SAMPLES_PER_MS));
    return { wav: writeWav(pcm, RECOGNISER_HZ, 1), durationMs: pcm.length / SAMPLES_PER_MS };
  }

  /** Segments of the sound with their times in the recording. Labels of later parts say so: they are other labels. */
  dated(segments: readonly SpokenSegment[]): MicrophoneUtterance[] {
    const zeroMs = Math.round(this.#startMs);
    const lastMs = Math.round(Math.max(...this.utterances.map(audioEndMs)));
    const inside = (ms: number) => Math.min(lastMs, zeroMs + ms);
    return segments.map(({ startMs, endMs, text, speaker }) => ({
      startMs: inside(startMs),
      endMs: inside(endMs),
      text,
      speaker: speaker === undefined || this.number === 1 ? speaker : `${speaker} (part ${this.number})`,
    }));
  }

  get #startMs(): number {
    return this.utterances[0]!.audioStartMs;
  }
}

function audioEndMs({ audioStartMs, pcm }: SegmentedUtterance): number {
  return audioStartMs + pcm.length / SAMPLES_PER_MS;
}
