/** How bad the network between this phone and the server is made, to see what becomes of a call. */
export interface Roughness {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Of the microphone's frames, in percent. */
  readonly lossPercent: number;
}

export const SMOOTH: Roughness = { delayMs: 0, jitterMs: 0, lossPercent: 0 };

/** So long a network takes to become as slow or as fast as it will be next. */
const SWING_MS = 100;

/**
 * Between 0 and 1, by chance, and without leaps: what is written at once finds the network the same, however late this
 * page gets round to each message.
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

/** One direction of a network: everything comes late, unevenly so, and in order, as over one connection. */
export class RoughWay {
  readonly #underWay: { readonly atMs: number; readonly deliver: () => void }[] = [];
  readonly #swing = new Swing();

  /** Does it after the delay; at once where there is none. */
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

  /** Timers do not keep their order to the millisecond; the queue does. */
  #arrive(): void {
    const now = performance.now();
    while (this.#underWay[0] && this.#underWay[0].atMs <= now) this.#underWay.shift()!.deliver();
  }
}

export function isLost({ lossPercent }: Roughness): boolean {
  return Math.random() * 100 < lossPercent;
}
