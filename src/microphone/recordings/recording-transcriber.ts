import { createReadStream } from 'node:fs';
import type {
  SegmentedUtterance,
  Segmenter,
  SegmenterEvent,
} from '../../audio/speech/utterance-segmenter.ts';
import { RECOGNISER_HZ } from '../../audio/speech/utterance-segmenter.ts';
import { WavStream } from '../../audio/wav/wav-stream.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import { type DictationTranscriber, ServiceError, type SpeakerTranscriber } from '../../call/ports.ts';
import type { MicrophoneUtterance } from '../../catalogue/microphone-entry.ts';
import type { EventLoopScheduler } from '../dictation/event-loop-scheduler.ts';
import { RecordingPart } from './recording-part.ts';
import type { MissingRange } from './transcript-document.ts';

/** A sixth of a second at 48 kHz: it is processed in one turn of the event loop. */
const READ_BYTES = 16 * 1024;

export interface RecordingTranscriberOptions {
  readonly transcriber: DictationTranscriber;
  /** Undefined: voices are not told apart. */
  readonly speakers?: SpeakerTranscriber | undefined;
  readonly createSegmenter: (sampleRateHz: number) => Segmenter;
  /** Shared with dictation. */
  readonly turns: EventLoopScheduler;
}

export interface TranscribedRecording {
  readonly utterances: readonly MicrophoneUtterance[];
  /** The service refused these for good. */
  readonly missing: readonly MissingRange[];
}

interface Transcript {
  readonly utterances: MicrophoneUtterance[];
  readonly missing: MissingRange[];
}

/**
 * Transcribes a WAV file in bounded memory, one request at a time: in parts of minutes where the service tells voices apart,
 * otherwise utterance by utterance.
 */
export class RecordingTranscriber {
  readonly #options: RecordingTranscriberOptions;

  constructor(options: RecordingTranscriberOptions) {
    this.#options = options;
  }

  /** Rejects if the service fails for now, or `signal` aborts. */
  async transcribe(file: string, signal: AbortSignal): Promise<TranscribedRecording> {
    const transcript: Transcript = { utterances: [], missing: [] };
    let part = new RecordingPart(1);
    const next = async (): Promise<void> => {
      if (!part.isEmpty) await this.#part(part, transcript, signal);
      part = new RecordingPart(part.number + 1);
    };
    for await (const event of this.#events(file)) {
      signal.throwIfAborted();
      if (event.kind !== 'finished') continue;
      const { utterance } = event;
      if (!this.#options.speakers?.mayTellSpeakers) {
        await this.#utterance(utterance, transcript, signal);
        continue;
      }
      if (!part.takes(utterance)) await next();
      part.add(utterance);
    }
    await next();
    return transcript;
  }

  async #part(part: RecordingPart, transcript: Transcript, signal: AbortSignal): Promise<void> {
    const segments = await this.#options.speakers?.transcribeSpeakers(part.sound(), signal);
    if (segments) transcript.utterances.push(...part.dated(segments));
    else for (const utterance of part.utterances) await this.#utterance(utterance, transcript, signal);
  }

  async #utterance(
    { pcm, startMs, endMs }: SegmentedUtterance,
    { utterances, missing }: Transcript,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const range = { startMs: Math.round(startMs), endMs: Math.round(endMs) };
    try {
      const wav = writeWav(pcm, RECOGNISER_HZ, 1);
      const durationMs = (pcm.length * 1_000) / RECOGNISER_HZ;
      const text = await this.#options.transcriber.transcribe({ wav, durationMs }, signal);
      if (text !== '') utterances.push({ ...range, text });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.transient || error.refusal === undefined) throw error;
      missing.push(range);
    }
  }

  async *#events(file: string): AsyncGenerator<SegmenterEvent> {
    const { createSegmenter, turns } = this.#options;
    const stream = new WavStream();
    let segmenter: Segmenter | undefined;
    try {
      for await (const bytes of createReadStream(file, { highWaterMark: READ_BYTES })) {
        await turns.next();
        for (const { pcm, sampleRateHz } of stream.read(bytes as Buffer)) {
          segmenter ??= createSegmenter(sampleRateHz);
          yield* segmenter.hear(pcm);
        }
      }
      for (const { pcm } of stream.end()) if (segmenter) yield* segmenter.hear(pcm);
      if (segmenter) yield* segmenter.end();
    } finally {
      segmenter?.close();
    }
  }
}
