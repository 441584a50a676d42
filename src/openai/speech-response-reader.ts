import { readWavHeader, startsLikeWav } from '../audio/wav/wav-header.ts';
import { ServiceError } from '../call/ports.ts';

/** What `response_format: pcm` means at OpenAI: https://developers.openai.com/api/docs/guides/text-to-speech */
const PCM_RATE_HZ = 24_000;
const MAX_HEADER_BYTES = 64 * 1024;
/** Enough to detect the file format. */
const SNIFF_BYTES = 12;

/**
 * Reads the samples of a speech server's response for "pcm": raw 16-bit little-endian samples split anywhere, or a WAV file
 * from servers that do not support raw samples. Anything else is a `ServiceError`, because it would be heard as noise.
 */
export class SpeechResponseReader {
  readonly #contentType: string;
  #pending: Uint8Array = new Uint8Array(0);
  #headRead = false;
  #bytesLeft = Infinity;
  #sampleRateHz: number;

  constructor(contentType: string | null) {
    this.#contentType = contentType ?? '';
    this.#sampleRateHz = Number(/rate=(\d{4,6})/.exec(this.#contentType)?.[1] ?? PCM_RATE_HZ);
  }

  /** Valid once `read` has returned samples. */
  get sampleRateHz(): number {
    return this.#sampleRateHz;
  }

  /** The complete samples received so far; an odd byte is kept for the next call. */
  read(bytes: Uint8Array): Int16Array {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (!this.#headRead) this.#readHead();
    if (!this.#headRead) return new Int16Array(0);
    const usable = Math.min(this.#pending.length, this.#bytesLeft) & ~1;
    const samples = new Int16Array(usable / 2);
    // Copied, because the bytes may begin at an odd address.
    new Uint8Array(samples.buffer).set(this.#pending.subarray(0, usable));
    this.#pending = this.#pending.subarray(usable);
    this.#bytesLeft -= usable;
    return samples;
  }

  /** Call it at the end: a response shorter than a header consists of samples only. */
  finish(): Int16Array {
    if (this.#headRead) return new Int16Array(0);
    this.#headRead = true;
    return this.read(new Uint8Array(0));
  }

  #readHead(): void {
    const head = this.#pending;
    if (head.length < SNIFF_BYTES) return;
    const foreign = foreignFormat(head, this.#contentType);
    if (foreign !== undefined)
      throw unreadable(`the server sent ${foreign} where raw samples were asked for`);
    if (!startsLikeWav(head)) {
      this.#headRead = true;
      return;
    }
    const wav = readWavHeader(head);
    if (wav === undefined && head.length < MAX_HEADER_BYTES) return;
    if (wav === undefined || !wav.plain)
      throw unreadable('the server sent a WAV file that is not 16-bit mono');
    this.#sampleRateHz = wav.sampleRateHz;
    this.#bytesLeft = wav.dataBytes;
    this.#pending = head.subarray(wav.dataAt);
    this.#headRead = true;
  }
}

const MAGIC: Readonly<Record<string, string>> = {
  ID3: 'MP3',
  OggS: 'Ogg',
  fLaC: 'FLAC',
  '{"er': 'an error',
  '{"de': 'an error',
};

function foreignFormat(head: Uint8Array, contentType: string): string | undefined {
  const start = String.fromCharCode(...head.subarray(0, 4));
  const magic = Object.keys(MAGIC).find((each) => start.startsWith(each));
  if (magic !== undefined) return MAGIC[magic];
  if (contentType.includes('json') || contentType.startsWith('text/')) return 'text';
  // The sync word of MP3 alone could be a loud first sample.
  const looksLikeMpeg = head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0;
  return looksLikeMpeg && /mpeg|mp3|aac/.test(contentType) ? 'MP3' : undefined;
}

function unreadable(reason: string): ServiceError {
  return new ServiceError('speech', `reading the audio: ${reason}`, { transient: false });
}
