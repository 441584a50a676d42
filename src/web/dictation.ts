import { containerOf, CONTAINERS } from '../audio/container.ts';
import { writeWav } from '../audio/wav.ts';
import type { ClipTranscriber } from '../call/ports.ts';
import { RECOGNISER_HZ, type CutUtterance, type UtteranceCutter } from '../turns/utterance-cutter.ts';
import { LARGEST_CLIP_BYTES, type FromMicrophone, type ToMicrophone } from './dictation-messages.ts';

/** Texts that are awaited for one connection; what comes beyond them is refused. */
const MOST_AWAITED = 8;
/** Of an utterance that goes on, what has been said so far is asked for this often, one text at a time. */
const PARTIAL_EVERY_MS = 1_500;
/** Sound may come faster than time, as after a lost connection, but not without end. */
const MOST_AHEAD_MS = 120_000;

const NO_SERVICE =
  'No transcription service is set up: set OPENAI_API_KEY, or TRANSCRIPTION_BASE_URL for a server of your own, and start again.';

export interface DictationParts {
  /** Absent: nobody transcribes. */
  readonly transcriber?: ClipTranscriber;
  readonly cutter: (sampleRateHz: number) => UtteranceCutter;
  readonly now: () => number;
  send(message: ToMicrophone): void;
  /** A service failed; its reason is for the log. */
  failed(error: unknown): void;
}

interface Stream {
  readonly cutter: UtteranceCutter;
  readonly sinceMs: number;
  carry: Uint8Array;
  partialAtMs: number;
  partialAsked: boolean;
}

/** One connection's live transcription: clips each by itself, or one stream that is cut into utterances. */
export class Dictation {
  readonly #parts: DictationParts;
  readonly #abort = new AbortController();
  #stream: Stream | undefined;
  #awaited = 0;
  /** Texts are told in the order in which they were spoken. */
  #told: Promise<void> = Promise.resolve();

  constructor(parts: DictationParts) {
    this.#parts = parts;
    parts.send({ type: 'status', message: parts.transcriber ? 'ready' : NO_SERVICE });
  }

  take(message: FromMicrophone): void {
    switch (message.type) {
      case 'start':
        this.#endStream();
        this.#stream = {
          cutter: this.#parts.cutter(message.sampleRate),
          sinceMs: this.#parts.now(),
          carry: new Uint8Array(0),
          partialAtMs: 0,
          partialAsked: false,
        };
        this.#parts.send({ type: 'status', message: 'listening' });
        break;
      case 'audio':
        this.#audio(Buffer.from(message.audio, 'base64'));
        break;
      case 'stop':
        if (this.#stream) this.#stop();
        else this.#refuse('Nothing was started.');
        break;
    }
  }

  /** The connection is gone. */
  close(): void {
    this.#abort.abort();
    this.#stream?.cutter.close();
    this.#stream = undefined;
  }

  #audio(bytes: Uint8Array): void {
    if (!this.#parts.transcriber) this.#refuse(NO_SERVICE);
    else if (this.#stream) this.#hear(this.#stream, bytes);
    else this.#clip(bytes);
  }

  #clip(bytes: Uint8Array): void {
    const container = containerOf(bytes);
    if (bytes.length > LARGEST_CLIP_BYTES)
      this.#refuse(`The clip is larger than ${LARGEST_CLIP_BYTES / 1_048_576} MiB.`);
    else if (!container)
      this.#refuse(`The clip is of no kind that is known here; known are ${CONTAINERS.join(', ')}.`);
    else
      this.#ask(bytes, container, (text) =>
        this.#parts.send({ type: 'transcription', text, status: 'success' }),
      );
  }

  #hear(stream: Stream, bytes: Uint8Array): void {
    const aheadMs = stream.cutter.heardMs - (this.#parts.now() - stream.sinceMs);
    if (aheadMs > MOST_AHEAD_MS) {
      this.#refuse('The sound comes faster than it was spoken; some of it is left out.');
      return;
    }
    for (const cut of stream.cutter.hear(samplesOf(stream, bytes))) {
      if (cut.kind === 'started') stream.partialAtMs = cut.startMs + PARTIAL_EVERY_MS;
      if (cut.kind === 'finished') this.#utterance(cut.utterance);
    }
    this.#partial(stream);
  }

  #utterance(utterance: CutUtterance): void {
    const { startMs, endMs } = rounded(utterance);
    this.#ask(wavOf(utterance), 'wav', (text) => {
      if (text) this.#parts.send({ type: 'transcription', text, status: 'success', startMs, endMs });
    });
  }

  #partial(stream: Stream): void {
    const utterance = stream.cutter.soFar();
    if (!utterance || stream.partialAsked || utterance.endMs < stream.partialAtMs) return;
    stream.partialAsked = true;
    stream.partialAtMs = utterance.endMs + PARTIAL_EVERY_MS;
    const { startMs, endMs } = rounded(utterance);
    void this.#parts
      .transcriber!.transcribeClip(wavOf(utterance), 'wav', this.#abort.signal)
      .then(
        (text) => {
          // What is finished by now has its own text.
          if (text && stream.cutter.soFar()?.startMs === utterance.startMs)
            this.#parts.send({ type: 'partial', text, startMs, endMs });
        },
        () => undefined,
      )
      .finally(() => (stream.partialAsked = false));
  }

  #stop(): void {
    this.#endStream();
    void this.#told.then(() => this.#parts.send({ type: 'status', message: 'stopped' }));
  }

  #endStream(): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = undefined;
    for (const cut of stream.cutter.end()) if (cut.kind === 'finished') this.#utterance(cut.utterance);
    stream.cutter.close();
  }

  #ask(sound: Uint8Array, container: (typeof CONTAINERS)[number], told: (text: string) => void): void {
    if (this.#awaited >= MOST_AWAITED) {
      this.#refuse(`${MOST_AWAITED} texts are awaited already; this one is left out.`);
      return;
    }
    this.#awaited += 1;
    const { transcriber } = this.#parts;
    const asked = transcriber!.transcribeClip(sound, container, this.#abort.signal);
    asked.catch(() => undefined);
    this.#told = this.#told
      .then(async () => told(await asked))
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted) return;
        this.#parts.failed(error);
        this.#refuse(
          'The transcription service did not answer; the sound of it is not lost where it is recorded.',
        );
      })
      .finally(() => (this.#awaited -= 1));
  }

  #refuse(message: string): void {
    this.#parts.send({ type: 'error', message });
  }
}

/** Samples may be split between messages. */
function samplesOf(stream: Stream, bytes: Uint8Array): Int16Array {
  const all = Buffer.concat([stream.carry, bytes]);
  const count = all.length >> 1;
  stream.carry = Uint8Array.from(all.subarray(2 * count));
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i += 1) samples[i] = all.readInt16LE(2 * i);
  return samples;
}

function wavOf({ pcm }: CutUtterance): Uint8Array {
  return writeWav(pcm, RECOGNISER_HZ, 1);
}

function rounded({ startMs, endMs }: CutUtterance): { startMs: number; endMs: number } {
  return { startMs: Math.round(startMs), endMs: Math.round(endMs) };
}
