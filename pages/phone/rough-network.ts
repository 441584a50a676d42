/** The simulated network conditions between this phone and the server, for tests. */
export interface Roughness {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Percentage of microphone frames that are lost. */
  readonly lossPercent: number;
}

export const SMOOTH: Roughness = { delayMs: 0, jitterMs: 0, lossPercent: 0 };

/** The time scale on which the simulated delay changes. */
const SWING_MS = 100;

/**
 * A random value between 0 and 1 that changes continuously: messages sent at the same time get the same delay, however
 * late this page processes each.
 */
class Swing {
  #atMs = -Infinity;
  #from = 0;
  #to = 0;

  at(nowMs: number): number {
    const passed = (nowMs - this.#atMs) / SWING_MS;
    if (passed >= 1) {
      this.#from = passed >= 2 ? Math.random() : this.#to;
      this.#to = Math.random();
      this.#atMs = passed >= 2 ? nowMs : this.#atMs + SWING_MS;
    }
    return this.#from + (this.#to - this.#from) * ((nowMs - this.#atMs) / SWING_MS);
  }
}

/** One direction of a network: delays messages by varying amounts, in order, as over one connection. */
export class RoughWay {
  readonly #underWay: { readonly atMs: number; readonly deliver: () => void }[] = [];
  readonly #swing = new Swing();

  /** Runs the action after the delay, immediately if there is none. */
  carry({ delayMs, jitterMs }: Roughness, deliver: () => void): void {
    const now = performance.now();
    const atMs = now + delayMs + this.#swing.at(now) * jitterMs;
    if (atMs <= now && this.#underWay.length === 0) {
      deliver();
      return;
    }
    this.#underWay.push({ atMs: Math.max(atMs, this.#underWay.at(-1)?.atMs ?? 0), deliver });
    setTimeout(() => this.#arrive(), Math.max(0, this.#underWay.at(-1)!.atMs - now) + 1);
  }

  /** Timers are not ordered to the millisecond; the queue is. */
  #arrive(): void {
    const now = performance.now();
    while (this.#underWay[0] && this.#underWay[0].atMs <= now) this.#underWay.shift()!.deliver();
  }
}

export function isLost({ lossPercent }: Roughness): boolean {
  return Math.random() * 100 < lossPercent;
}
