import { type AudioKind, audioKindOf } from '../../audio/decoders/audio-kind.ts';
import { CompressedStream } from '../../audio/decoders/compressed-stream.ts';
import type { AudioStream, PcmPiece } from '../../audio/decoders/pcm-piece.ts';
import { type RawFormat, RawStream } from '../../audio/decoders/raw-stream.ts';
import type { HeaderFields } from '../../proxy/http-response.ts';
import { UnreadableAudio } from '../../audio/unreadable-audio.ts';
import { WavStream } from '../../audio/wav/wav-stream.ts';
import { readServerMessage, type ServerMessage } from '../server/server-message.ts';
import { encodedAudioIn, mayHoldAudio } from './encoded-audio.ts';

/** What `response_format: pcm` means at OpenAI: https://developers.openai.com/api/docs/guides/text-to-speech */
const PCM_RATE_HZ = 24_000;
const TELEPHONE_RATE_HZ = 8_000;
const MAX_CHANNELS = 8;
/** Headers in which servers state the rate of raw samples (stdapi.ai, Deepgram, Inworld). */
const RATE_HEADERS = ['x-sample-rate', 'x-samplerate', 'x-audio-sample-rate', 'sample-rate', 'x-audio-rate'];
const CHANNEL_HEADERS = ['x-channels', 'x-audio-channels'];
const MAX_TEXT_BYTES = 64 * 1024;
/** Two minutes of 16-bit samples at 24,000 Hz in base64; a sentence is shorter. */
const MAX_ENCODED_BYTES = 8 * 1024 * 1024;

/** The server sent a text instead of audio: an error, or a page. */
export class SpokenError extends Error {
  readonly said: ServerMessage;

  constructor(said: ServerMessage) {
    super(said.message ?? 'a text instead of audio');
    this.name = 'SpokenError';
    this.said = said;
  }
}

/**
 * Reads a speech server's response. The bytes decide what it is, not the content type: WAV, MP3, Ogg, FLAC or raw samples, which
 * are all decoded, also where a text holds them in base64; another text is a `SpokenError`, everything else an `UnreadableAudio`,
 * because it would be heard as noise.
 */
export class SpeechResponseReader {
  readonly #raw: RawFormat;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #stream: AudioStream | 'text' | undefined;
  #kind: string | undefined;
  #isEncoded = false;

  /** `pcmRateHz`: the rate of raw samples if the response does not state it. */
  constructor(headers: HeaderFields, pcmRateHz = PCM_RATE_HZ) {
    this.#raw = rawFormatOf(headers, pcmRateHz);
  }

  /** What the bytes are: a format of a request, or another word; undefined until that is known. */
  get kind(): string | undefined {
    return this.#kind;
  }

  /** True if a text holds the audio in base64 or hexadecimal digits. */
  get isEncoded(): boolean {
    return this.#isEncoded;
  }

  async read(bytes: Uint8Array): Promise<PcmPiece[]> {
    if (this.#stream !== undefined && this.#stream !== 'text') return this.#stream.read(bytes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#stream === 'text') {
      if (this.#pendingBytes > MAX_TEXT_BYTES) this.#checkText();
      return [];
    }
    return this.#open(false);
  }

  async end(): Promise<PcmPiece[]> {
    const begun = this.#stream === undefined && this.#pendingBytes > 0 ? await this.#open(true) : [];
    const encoded = this.#stream === 'text' ? await this.#openEncoded() : [];
    const rest = this.#stream === 'text' ? [] : await this.#stream?.end();
    return [...begun, ...encoded, ...(rest ?? [])];
  }

  /** Frees the decoder. May be called twice. */
  close(): void {
    if (this.#stream !== 'text') this.#stream?.close();
  }

  /** Opens the decoder once the first bytes show which. */
  async #open(complete: boolean): Promise<PcmPiece[]> {
    const head = Buffer.concat(this.#pending);
    const kind = audioKindOf(head, complete);
    if (kind === undefined) return [];
    this.#kind = kind.kind === 'compressed' ? kind.format : kind.kind;
    this.#stream = this.#streamFor(kind);
    if (this.#stream === 'text') return [];
    this.#pending = [];
    return this.#stream.read('skip' in kind ? head.subarray(kind.skip) : head);
  }

  #streamFor(kind: AudioKind): AudioStream | 'text' {
    switch (kind.kind) {
      case 'wav':
        return new WavStream();
      case 'compressed':
        return new CompressedStream(kind.format);
      case 'samples':
        return new RawStream(this.#raw);
      case 'floats':
        // Bytes of μ-law and A-law may look like anything.
        return new RawStream(
          this.#raw.encoding === 'pcm16' ? { ...this.#raw, encoding: 'float32' } : this.#raw,
        );
      case 'noise':
        if (this.#raw.encoding === 'pcm16')
          throw new UnreadableAudio('data of an unknown format is not decoded');
        return new RawStream(this.#raw);
      case 'text':
        return 'text';
      case 'other':
        throw new UnreadableAudio(`${kind.name} is not decoded`);
    }
  }

  /** A long text may be audio in base64, up to a limit. */
  #checkText(): void {
    if (this.#pendingBytes > MAX_ENCODED_BYTES) this.#throwText();
    if (this.#isEncoded) return;
    this.#isEncoded = mayHoldAudio(Buffer.concat(this.#pending).toString('latin1'));
    if (!this.#isEncoded) this.#throwText();
  }

  async #openEncoded(): Promise<PcmPiece[]> {
    const audio = encodedAudioIn(Buffer.concat(this.#pending).toString('utf8').trim());
    if (audio === undefined) this.#throwText();
    this.#isEncoded = true;
    this.#pending = [audio];
    this.#stream = undefined;
    return this.#open(true);
  }

  #throwText(): never {
    throw new SpokenError(readServerMessage(Buffer.concat(this.#pending).toString('utf8')));
  }
}

function rawFormatOf(headers: HeaderFields, pcmRateHz: number): RawFormat {
  const contentType = headers.get('content-type') ?? '';
  // GStreamer writes `rate=(int)16000`.
  const stated = [
    /(?<![a-z])rate=(?:\(int\))?(\d{4,6})/iu.exec(contentType)?.[1],
    ...RATE_HEADERS.map((name) => headers.get(name)),
  ]
    // Some headers add the unit: "16000 Hz".
    .map((stated) => Number.parseInt(stated ?? '', 10))
    .find((hz) => hz >= 4_000 && hz <= 192_000);
  const channels = [
    /channels=(?:\(int\))?(\d)/iu.exec(contentType)?.[1],
    ...CHANNEL_HEADERS.map((name) => headers.get(name)),
  ]
    .map(Number)
    .find((count) => count >= 1 && count <= MAX_CHANNELS);
  if (/mulaw|ulaw|pcmu|audio\/basic/iu.test(contentType))
    return { sampleRateHz: stated ?? TELEPHONE_RATE_HZ, encoding: 'mulaw', channels };
  if (/alaw|pcma/iu.test(contentType))
    return { sampleRateHz: stated ?? TELEPHONE_RATE_HZ, encoding: 'alaw', channels };
  const encoding = /f32|float/iu.test(contentType) ? 'float32' : 'pcm16';
  return { sampleRateHz: stated ?? pcmRateHz, encoding, channels };
}
