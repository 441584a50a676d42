import type { HeardTurn, LineListener, VoicedTime } from '../../src/call/line-listener.ts';
import { ServerVad } from './realtime/server-vad.ts';

/** A service that hears the line and ends turns after a silence. */
export class ListeningLine implements LineListener {
  /** What it was given, frame by frame. */
  readonly frames: { readonly fromMs: number; readonly samples: number }[] = [];
  readonly #vad: ServerVad;
  readonly #ended: { readonly startMs: number; readonly endMs: number }[] = [];
  #zeroMs: number | undefined;
  #startMs = 0;

  /** `silenceMs`: Infinity: no turn ends. */
  constructor(silenceMs: number) {
    this.#vad = new ServerVad({ type: 'semantic_vad' }, 'audio/pcmu', silenceMs);
  }

  hear(fromMs: number, mulaw: Uint8Array): void {
    this.#zeroMs ??= fromMs;
    this.frames.push({ fromMs, samples: mulaw.length });
    for (const event of this.#vad.write(mulaw)) {
      if (event.kind === 'started') this.#startMs = this.#zeroMs + event.startMs;
      else this.#ended.push({ startMs: this.#startMs, endMs: this.#zeroMs + event.endMs });
    }
  }

  turnOf({ startMs, endMs }: VoicedTime): HeardTurn {
    if (this.#vad.isOpen && this.#startMs < endMs) return 'open';
    const isOver = this.#ended.some(
      (one) => one.startMs < endMs && one.endMs > startMs && one.endMs >= endMs - 200,
    );
    return isOver ? 'over' : 'unheard';
  }
}
