import { closeMicrophone, openMicrophone } from './microphone.ts';
import type { FromTelephone, ToTelephone } from './telephone-messages.ts';
import telephoneWorklet from './telephone.worklet.ts?worker&url';

/** The output latency is unknown until audio is playing; some browsers never report it. */
const LATENCY_WITHIN_MS = 500;
const LOOK_EVERY_MS = 20;
/** A change of latency causes a gap in the recording, so only audible changes are reported. */
const LEAST_CHANGE_S = 0.03;
const LONGEST_LATENCY_S = 1;

/** The telephone worklet, connected to a microphone and a loudspeaker. */
export class SoundCard {
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #microphone: MediaStream;
  #latencySeconds = 0;

  private constructor(
    context: AudioContext,
    microphone: MediaStream,
    hear: (message: FromTelephone) => void,
  ) {
    this.#context = context;
    this.#microphone = microphone;
    this.#node = new AudioWorkletNode(context, 'telephone', { outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }: MessageEvent<FromTelephone>) => hear(data);
    context.createMediaStreamSource(microphone).connect(this.#node).connect(context.destination);
  }

  /** Call it from a user gesture: browsers allow audio output only then. Throws `NoMicrophone`. */
  static async open(hear: (message: FromTelephone) => void): Promise<SoundCard> {
    const microphone = await openMicrophone();
    const context = new AudioContext({ latencyHint: 'interactive' });
    try {
      await context.audioWorklet.addModule(telephoneWorklet);
      await context.resume();
      const card = new SoundCard(context, microphone, hear);
      await latencyKnown(context);
      card.tellLatency();
      return card;
    } catch (error) {
      closeMicrophone(microphone);
      await context.close();
      throw error;
    }
  }

  /** Called when the microphone is unplugged or its permission revoked. */
  onMicrophoneLost(lost: () => void): void {
    this.#microphone.getAudioTracks()[0]?.addEventListener('ended', lost);
  }

  tell(message: ToTelephone): void {
    this.#node.port.postMessage(message);
  }

  /**
   * The latency from the worklet to the ear, as far as the browser reports it. It changes, for example with headphones.
   */
  tellLatency(): void {
    const { baseLatency, outputLatency } = this.#context;
    const seconds = Math.min(LONGEST_LATENCY_S, (baseLatency || 0) + (outputLatency || 0));
    if (Math.abs(seconds - this.#latencySeconds) < LEAST_CHANGE_S) return;
    this.#latencySeconds = seconds;
    this.tell({ kind: 'latency', seconds });
  }

  async close(): Promise<void> {
    this.tell({ kind: 'stop' });
    this.#node.port.onmessage = null;
    closeMicrophone(this.#microphone);
    await this.#context.close();
  }
}

async function latencyKnown(context: AudioContext): Promise<void> {
  const untilMs = performance.now() + LATENCY_WITHIN_MS;
  while (!context.outputLatency && performance.now() < untilMs)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
