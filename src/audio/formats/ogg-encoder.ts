import { createEncoder as createWasmEncoder, type WasmMediaEncoder } from 'wasm-media-encoders';
import type { Encoder, EncoderSettings, Patch } from './encoder-contract.ts';
import { joinBytes } from './join-bytes.ts';
import { loadWasm } from './load-wasm.ts';
import { OggPages } from './ogg-pages.ts';
import { PcmBlocks } from './pcm-blocks.ts';
import { Planar } from './planar.ts';

const VORBIS_QUALITY = 3;
/**
 * The serial number of the stream. A file holds one stream, so any number is valid; a fixed one makes the output
 * deterministic.
 */
const SERIAL_NUMBER = 1;

export async function openOggEncoder(settings: EncoderSettings): Promise<Encoder> {
  const vorbis = await createWasmEncoder('audio/ogg', await loadWasm('wasm-media-encoders/wasm/ogg'));
  return new OggEncoder(vorbis, settings);
}

/** Ogg Vorbis of quality 3. */
class OggEncoder implements Encoder {
  private readonly vorbis: WasmMediaEncoder<'audio/ogg'>;
  private readonly blocks: PcmBlocks;
  private readonly planar: Planar;
  private readonly pages: OggPages;
  private made: Uint8Array[] = [];

  constructor(vorbis: WasmMediaEncoder<'audio/ogg'>, settings: EncoderSettings) {
    const { channels, sampleRateHz, totalFrames } = settings;
    this.vorbis = vorbis;
    this.blocks = new PcmBlocks(channels, totalFrames);
    this.planar = new Planar(channels);
    this.pages = new OggPages(this.blocks);
    const vbrQuality = VORBIS_QUALITY;
    vorbis.configure({ channels, sampleRate: sampleRateHz, vbrQuality, oggSerialNo: SERIAL_NUMBER });
  }

  encode(pcm: Int16Array): Uint8Array {
    this.blocks.push(pcm, this.take);
    return this.collect();
  }

  finish(): { tail: Uint8Array; patches: Patch[] } {
    this.blocks.end(this.take);
    this.made.push(this.pages.push(this.vorbis.finalize()));
    return { tail: this.collect(), patches: [] };
  }

  private readonly take = (block: Int16Array): void => {
    // `push` copies because the next call of the library overwrites the result.
    this.made.push(this.pages.push(this.vorbis.encode(this.planar.of(block, 1 / 32_768))));
  };

  private collect(): Uint8Array {
    const bytes = joinBytes(this.made);
    this.made = [];
    return bytes;
  }
}
