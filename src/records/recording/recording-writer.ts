import path from 'node:path';
import { createEncoder, type Encoder } from '../../audio/formats/encoder.ts';
import type { AudioFormat } from '../../audio/formats/formats.ts';
import { autoMp3RateHz } from '../../audio/formats/mp3-bitrates.ts';
import { interleaveStereo, mixMono } from '../../audio/mix.ts';
import { loadResampler, Resampler } from '../../audio/resampler.ts';
import { TELEPHONE_HZ } from '../../audio/telephone.ts';
import { DurableFile, removeUnfinished, type WrittenFile } from '../../storage/durable-file.ts';
import type { Block } from './block-table.ts';

export interface RecordingSettings {
  readonly channels: 'mono' | 'stereo';
  readonly sampleRateHz: 'auto' | number;
  /** kbit/s */
  readonly mp3Bitrate: number;
  readonly mp3Engine: 'wasm' | 'lamejs';
}

export interface RecordingFile extends WrittenFile {
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly bitrateKbps?: number | undefined;
  readonly frames: number;
}

/** Mixes and encodes blocks of sound into one file, which has its name when it is complete. Its bytes do not depend on the blocks' sizes. */
export class RecordingWriter {
  readonly #format: AudioFormat;
  readonly #sampleRateHz: number;
  readonly #channels: 1 | 2;
  readonly #encoder: Encoder;
  readonly #resampler: Resampler | undefined;
  readonly #file: DurableFile;
  /** Sample frames of the file so far. */
  #frames = 0;

  /** `aside`: a directory on the same file system for the incomplete file. */
  static async open(
    format: AudioFormat,
    settings: RecordingSettings,
    where: { readonly target: string; readonly aside: string },
  ): Promise<RecordingWriter> {
    const sampleRateHz = rateOf(format, settings);
    const channels = settings.channels === 'stereo' ? 2 : 1;
    // What a thread or a process left that was killed.
    removeUnfinished(where.aside, `${path.parse(where.target).name}.`);
    if (sampleRateHz !== TELEPHONE_HZ) await loadResampler();
    const { mp3Bitrate, mp3Engine } = settings;
    const encoder = await createEncoder(format, { sampleRateHz, channels, mp3Bitrate, mp3Engine });
    return new RecordingWriter(format, { sampleRateHz, channels }, encoder, where);
  }

  private constructor(
    format: AudioFormat,
    { sampleRateHz, channels }: { readonly sampleRateHz: number; readonly channels: 1 | 2 },
    encoder: Encoder,
    where: { readonly target: string; readonly aside: string },
  ) {
    this.#format = format;
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
    this.#encoder = encoder;
    const rates = { fromHz: TELEPHONE_HZ, toHz: sampleRateHz, channels };
    this.#resampler = sampleRateHz === TELEPHONE_HZ ? undefined : new Resampler(rates);
    this.#file = new DurableFile(where.target, where.aside);
  }

  /** Throws if the disk refuses; the caller abandons the file then. */
  append({ caller, assistant }: Block): void {
    const pcm = this.#channels === 2 ? interleaveStereo(caller, assistant) : mixMono(caller, assistant);
    this.#encode(this.#resampler ? this.#resampler.process(pcm) : pcm);
  }

  /** Completes the file. `samples`: the length of all blocks at 8,000 Hz. */
  finish(samples: number): RecordingFile {
    if (this.#resampler) this.#encode(this.#resampler.flush());
    const frames = Math.round((samples * this.#sampleRateHz) / TELEPHONE_HZ);
    if (this.#frames !== frames)
      throw new Error(`the recording has ${this.#frames} sample frames, not ${frames}`);
    const { tail, patches } = this.#encoder.finish();
    this.#file.append(tail);
    for (const patch of patches) this.#file.patch(patch.offset, patch.bytes);
    this.#resampler?.close();
    return {
      ...this.#file.commit(),
      format: this.#format,
      sampleRateHz: this.#sampleRateHz,
      channels: this.#channels,
      frames,
      bitrateKbps: this.#encoder.actualBitrateKbps,
    };
  }

  /** Removes the incomplete file. Not after `finish`. */
  abandon(): void {
    this.#resampler?.close();
    this.#encoder.abandon?.();
    this.#file.abandon();
  }

  #encode(pcm: Int16Array): void {
    this.#frames += pcm.length / this.#channels;
    this.#file.append(this.#encoder.encode(pcm));
  }
}

function rateOf(format: AudioFormat, settings: RecordingSettings): number {
  if (settings.sampleRateHz !== 'auto') return settings.sampleRateHz;
  return format === 'mp3' ? autoMp3RateHz(settings.mp3Bitrate) : TELEPHONE_HZ;
}
