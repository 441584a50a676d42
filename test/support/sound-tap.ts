import type { BrowserContext, Page } from 'playwright-core';

const TELEPHONE_HZ = 8_000;

/** What a page's sound card heard and played, on one clock: 8 kHz. */
export interface Tapped {
  readonly microphone: Int16Array;
  readonly speaker: Int16Array;
  /** From the page to the ear, as the browser says. */
  readonly latencyMs: number;
}

/** Runs where the sound is made, so that it loses nothing that is heard or played. */
const RECORDER = `registerProcessor('sound-tap', class extends AudioWorkletProcessor {
  blocks = [new Float32Array(8192), new Float32Array(8192)];
  filled = 0;
  process([input]) {
    for (const side of [0, 1])
      this.blocks[side].set(input[side] ?? new Float32Array(128), this.filled);
    this.filled += 128;
    if (this.filled === 8192) {
      this.filled = 0;
      this.port.postMessage(this.blocks);
    }
    return true;
  }
});`;

/** Connects a recorder to the microphone and the loudspeaker. Nothing else changes. */
const TAP = `(() => {
  const connect = AudioNode.prototype.connect;
  const taps = new Map();
  const record = async (context, merger, tap) => {
    const module = new Blob([${JSON.stringify(RECORDER)}], { type: 'text/javascript' });
    await context.audioWorklet.addModule(URL.createObjectURL(module));
    const recorder = new AudioWorkletNode(context, 'sound-tap', { channelCount: 2, outputChannelCount: [1] });
    recorder.port.onmessage = ({ data }) => {
      tap.latencyS = context.baseLatency + context.outputLatency;
      for (const side of [0, 1]) tap.blocks[side].push(data[side]);
    };
    connect.call(merger, recorder);
    connect.call(recorder, context.destination);
  };
  const tapOf = (context) => {
    if (taps.has(context)) return taps.get(context);
    const merger = context.createChannelMerger(2);
    const tap = { merger, blocks: [[], []], latencyS: 0, rateHz: context.sampleRate };
    void record(context, merger, tap);
    taps.set(context, tap);
    window.soundTap = tap;
    return tap;
  };
  AudioNode.prototype.connect = function (to, ...others) {
    if (this instanceof MediaStreamAudioSourceNode) connect.call(this, tapOf(this.context).merger, 0, 0);
    if (to instanceof AudioDestinationNode) connect.call(this, tapOf(this.context).merger, 0, 1);
    return connect.call(this, to, ...others);
  };
})()`;

/** To be called before a page is opened, in a browser that takes scripts from anywhere (`bypassCSP`). */
export async function tapSound(context: BrowserContext): Promise<void> {
  await context.addInitScript(TAP);
}

/** What was heard and played in the page's last call. */
export async function tapped(page: Page): Promise<Tapped> {
  const { sides, rateHz, latencyS } = await page.evaluate<{
    sides: string[];
    rateHz: number;
    latencyS: number;
  }>(`(() => {
    const { blocks, rateHz, latencyS } = window.soundTap;
    const text = (side) => {
      const pcm = Int16Array.from(side.flatMap((block) => [...block]), (sample) => Math.round(sample * 32767));
      const bytes = new Uint8Array(pcm.buffer);
      let letters = '';
      for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(letters);
    };
    return { sides: blocks.map(text), rateHz, latencyS };
  })()`);
  const [microphone, speaker] = sides.map((side) => downsampled(side, rateHz));
  return { microphone: microphone!, speaker: speaker!, latencyMs: latencyS * 1_000 };
}

/** By means: good enough to find speech again. */
function downsampled(base64: string, rateHz: number): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  const pcm = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const times = rateHz / TELEPHONE_HZ;
  return Int16Array.from({ length: Math.floor(pcm.length / times) }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < times; j++) sum += pcm[Math.floor(i * times) + j]!;
    return Math.round(sum / times);
  });
}
