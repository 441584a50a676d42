import { encodeMulaw } from '../../src/audio/mulaw.ts';
import type { CallerAct, Director } from '../../src/simulator/phone/caller-script.ts';
import { MediaServer, type StreamNames, type StreamSide } from '../../src/simulator/phone/media-server.ts';
import type { Playout } from '../../src/simulator/phone/playout-queue.ts';
import type { SimulatedCaller } from '../../src/simulator/phone/simulated-caller.ts';
import { lineAmbience } from '../doubles/line-ambience.ts';
import type { Take } from './situations.ts';

const ASKS_AFTER_MS = 800;
/** After this silence nothing more comes: longer than a filler and a pause for a false interruption. */
const HANGS_UP_AFTER_MS = 5_000;
const LONGEST_MS = 90_000;

/** A caller who asks a question, and on whose side the sound of a take is heard during the reply. Times are stream milliseconds. */
export class TakeCaller implements SimulatedCaller, Director {
  readonly from = '+15550100';
  readonly to = '+15550199';
  readonly director = this;
  /** When the sound began; undefined before. */
  soundStartMs: number | undefined;
  readonly #take: Take;
  readonly #question: Uint8Array;
  #server: MediaServer | undefined;
  #questionEndMs: number | undefined;
  #soundEndMs = 0;

  constructor(take: Take, question: Uint8Array) {
    this.#take = take;
    this.#question = question;
  }

  side(names: StreamNames): StreamSide {
    const ambience = lineAmbience(this.#take.line);
    this.#server = new MediaServer({ ...names, ...(ambience && { ambience }) });
    return this.#server;
  }

  newStream(): void {}

  due(playout: Playout, nowMs: number): readonly CallerAct[] {
    if (this.#questionEndMs === undefined) this.#ask(playout, nowMs);
    else if (this.soundStartMs === undefined) this.#makeSound(playout, nowMs, this.#questionEndMs);
    else if (this.#isOver(playout, nowMs)) return [{ do: 'hangUp', when: { atMs: nowMs } }];
    return [];
  }

  #ask(playout: Playout, nowMs: number): void {
    const quietMs = playout.firstHeardMs(0) === undefined ? undefined : playout.quietSinceMs(nowMs);
    if (quietMs === undefined || nowMs - quietMs < ASKS_AFTER_MS) return;
    const startMs = this.#server!.callerSpeaks(this.#question, nowMs);
    this.#questionEndMs = startMs + this.#question.length / 8;
  }

  #makeSound(playout: Playout, nowMs: number, questionEndMs: number): void {
    const heardMs = playout.firstHeardMs(questionEndMs);
    if (heardMs === undefined || nowMs < heardMs + this.#take.atMs) return;
    const { pcm } = this.#take;
    this.soundStartMs = pcm ? this.#server!.callerSpeaks(encodeMulaw(pcm), nowMs) : nowMs;
    this.#soundEndMs = this.soundStartMs + (pcm?.length ?? 0) / 8;
  }

  #isOver(playout: Playout, nowMs: number): boolean {
    const quietMs = playout.quietSinceMs(nowMs);
    if (nowMs >= LONGEST_MS) return true;
    return quietMs !== undefined && nowMs - Math.max(quietMs, this.#soundEndMs) >= HANGS_UP_AFTER_MS;
  }
}
