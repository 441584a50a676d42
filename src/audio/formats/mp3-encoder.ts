import type { Encoder, EncoderSettings, Patch } from './encoder-contract.ts';
import { joinBytes } from './join-bytes.ts';
import { LameInfoFrame } from './lame-info-frame.ts';
import { mp3Encoding } from './mp3-bitrates.ts';
import type { Mp3Engine } from './mp3-engine.ts';
import { PcmBlocks } from './pcm-blocks.ts';

/** Throws a RangeError for unsupported bitrates and sample rates. */
export async function openMp3Encoder(settings: EncoderSettings): Promise<Encoder> {
  return new LameMp3Encoder(await openEngine(settings), settings);
}

/** lamejs if requested, if WebAssembly is missing, and for bitrates that the other engine rejects. */
async function openEngine(settings: EncoderSettings): Promise<Mp3Engine> {
  const { sampleRateHz, channels, mp3Bitrate, mp3Engine } = settings;
  const requested = 'WebAssembly' in globalThis ? mp3Engine : 'lamejs';
  const { engine, kbps } = mp3Encoding({ sampleRateHz, channels, kbps: mp3Bitrate, engine: requested });
  if (engine === 'wasm') {
    const { openWasmMp3Engine } = await import('./wasm-mp3-engine.ts');
    return openWasmMp3Engine({ sampleRateHz, channels, kbps });
  }
  const { LamejsMp3Engine } = await import('./lamejs-mp3-engine.ts');
  return new LamejsMp3Engine({ sampleRateHz, channels, kbps });
}

/** MP3 at a constant bitrate behind an Info frame. Space for the frame is reserved first; it is written at the end. */
class LameMp3Encoder implements Encoder {
  readonly actualBitrateKbps: number;
  private readonly engine: Mp3Engine;
  private readonly info: LameInfoFrame;
  private readonly blocks: PcmBlocks;
  private readonly channels: number;
  private made: Uint8Array[];

  constructor(engine: Mp3Engine, settings: EncoderSettings) {
    const { sampleRateHz, channels, totalFrames } = settings;
    this.engine = engine;
    this.actualBitrateKbps = engine.kbps;
    this.info = new LameInfoFrame({ sampleRateHz, channels, kbps: engine.kbps });
    this.blocks = new PcmBlocks(channels, totalFrames);
    this.channels = channels;
    this.made = [new Uint8Array(this.info.bytes)];
  }

  encode(pcm: Int16Array): Uint8Array {
    this.blocks.push(pcm, this.take);
    return this.collect();
  }

  finish(): { tail: Uint8Array; patches: Patch[] } {
    this.blocks.end(this.take);
    // ffmpeg does not open an MP3 with only one frame of sound; the padding covers this sample.
    if (this.blocks.frames === 0) this.keep(this.engine.encode(new Int16Array(this.channels)));
    this.keep(this.engine.flush());
    const info = this.info.build(this.blocks.frames, this.engine.name);
    return { tail: this.collect(), patches: [{ offset: 0, bytes: info }] };
  }

  private readonly take = (block: Int16Array): void => this.keep(this.engine.encode(block));

  private keep(frames: Uint8Array): void {
    this.info.count(frames);
    this.made.push(frames);
  }

  private collect(): Uint8Array {
    const bytes = joinBytes(this.made);
    this.made = [];
    return bytes;
  }
}
