import { createEncoder as createWasmEncoder, type WasmMediaEncoder } from 'wasm-media-encoders';
import { loadWasm } from './load-wasm.ts';
import { lameScale, type Mp3Engine, type Mp3EngineSettings } from './mp3-engine.ts';
import { Planar } from './planar.ts';

type Mp3Settings = Parameters<WasmMediaEncoder<'audio/mpeg'>['configure']>[0];
type Bitrate = NonNullable<Mp3Settings['bitrate']>;
type OutputRate = NonNullable<Mp3Settings['outputSampleRate']>;

export async function openWasmMp3Engine(settings: Mp3EngineSettings): Promise<Mp3Engine> {
  const lame = await createWasmEncoder('audio/mpeg', await loadWasm('wasm-media-encoders/wasm/mp3'));
  return new WasmMp3Engine(lame, settings);
}

/** LAME 3.100 as WebAssembly. */
class WasmMp3Engine implements Mp3Engine {
  readonly name = 'LAME3.100';
  readonly kbps: number;
  private readonly lame: WasmMediaEncoder<'audio/mpeg'>;
  private readonly planar: Planar;
  private readonly gain: number;

  constructor(lame: WasmMediaEncoder<'audio/mpeg'>, settings: Mp3EngineSettings) {
    const { sampleRateHz, channels } = settings;
    const bitrate = settings.kbps as Bitrate;
    this.lame = lame;
    this.kbps = bitrate;
    this.planar = new Planar(channels);
    this.gain = 1 / (32_767 * lameScale(bitrate));
    // Without an explicit rate LAME lowers the sample rate if it considers the bitrate too low for it.
    const outputSampleRate = sampleRateHz as OutputRate;
    lame.configure({ channels, sampleRate: sampleRateHz, bitrate, outputSampleRate });
  }

  encode(block: Int16Array): Uint8Array {
    return this.lame.encode(this.planar.of(block, this.gain)).slice();
  }

  flush(): Uint8Array {
    return this.lame.finalize().slice();
  }
}
