import { Mp3Encoder } from 'lamejs';
import { lameScale, type Mp3Engine, type Mp3EngineSettings } from './mp3-engine.ts';
import { Planar } from './planar.ts';

/** LAME in JavaScript: four times slower than the WebAssembly build, but needs no WebAssembly. */
export class LamejsMp3Engine implements Mp3Engine {
  readonly name = 'LAME3.98 ';
  readonly kbps: number;
  private readonly lame: Mp3Encoder;
  private readonly planar: Planar;
  private readonly gain: number;

  constructor(settings: Mp3EngineSettings) {
    const { sampleRateHz, channels } = settings;
    this.kbps = settings.kbps;
    this.lame = new Mp3Encoder(channels, sampleRateHz, this.kbps);
    this.planar = new Planar(channels);
    this.gain = 1 / lameScale(this.kbps);
  }

  encode(block: Int16Array): Uint8Array {
    const [left, right] = this.planar.of(block, this.gain);
    return bytesOf(this.lame.encodeBuffer(left!, right));
  }

  flush(): Uint8Array {
    return bytesOf(this.lame.flush());
  }
}

/** lamejs returns a new array each time, but a signed one. */
function bytesOf(signed: Int8Array): Uint8Array {
  return new Uint8Array(signed.buffer, signed.byteOffset, signed.byteLength);
}
