import { closeMicrophone, openMicrophone } from './microphone.ts';
import tapWorklet from './tap.worklet.ts?worker&url';

/** Disables voice processing: a recording must contain the unprocessed sound of the microphone. */
const PLAIN: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

export interface RecorderEvents {
  /** The next samples of the microphone, at the recorder's rate. */
  block(samples: Float32Array): void;
  /** The microphone was disconnected. */
  lost(): void;
}

/** The microphone's samples, one channel, at the rate of the sound card. */
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
    // Its output is silent; a node without an output is not processed.
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

  /** Resolves after the last block was delivered. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      this.#tap.port.postMessage('end');
    });
    closeMicrophone(this.#microphone);
    await this.#context.close();
  }
}
