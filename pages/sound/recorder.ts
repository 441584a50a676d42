import { closeMicrophone, openMicrophone } from './microphone.ts';
import tapWorklet from './tap.worklet.ts?worker&url';

/** A recording shall be what the microphone hears, not what a telephone would make of it. */
const PLAIN: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

export interface RecorderEvents {
  /** What the microphone heard next, at the recorder's rate. */
  block(samples: Float32Array): void;
  /** The microphone is gone. */
  lost(): void;
}

/** The microphone's samples, one channel, at the sound card's own rate. */
export class Recorder {
  readonly sampleRateHz: number;
  readonly #context: AudioContext;
  readonly #tap: AudioWorkletNode;
  readonly #microphone: MediaStream;
  #ended: (() => void) | undefined;

  private constructor(context: AudioContext, microphone: MediaStream, events: RecorderEvents) {
    this.#context = context;
    this.#microphone = microphone;
    this.sampleRateHz = context.sampleRate;
    this.#tap = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 1, outputChannelCount: [1] });
    this.#tap.port.onmessage = ({ data }: MessageEvent<Float32Array | 'end'>) => {
      if (data === 'end') this.#ended?.();
      else events.block(data);
    };
    microphone.getAudioTracks()[0]?.addEventListener('ended', () => events.lost());
    // Its output is silent; without one a node is not asked for anything.
    context.createMediaStreamSource(microphone).connect(this.#tap).connect(context.destination);
  }

  /** Throws `NoMicrophone`. */
  static async open(events: RecorderEvents): Promise<Recorder> {
    const microphone = await openMicrophone(PLAIN);
    const context = new AudioContext();
    try {
      await context.audioWorklet.addModule(tapWorklet);
      await context.resume();
      return new Recorder(context, microphone, events);
    } catch (error) {
      closeMicrophone(microphone);
      await context.close();
      throw error;
    }
  }

  /** Resolves when the last block was handed over. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      this.#tap.port.postMessage('end');
    });
    closeMicrophone(this.#microphone);
    await this.#context.close();
  }
}
