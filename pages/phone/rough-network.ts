/** How bad the network between this phone and the server is made, to see what becomes of a call. */
export interface Roughness {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Of the microphone's frames, in percent. */
  readonly lossPercent: number;
}

export const SMOOTH: Roughness = { delayMs: 0, jitterMs: 0, lossPercent: 0 };

/** What is sent within this time travels together, as what is written at once does. */
const TOGETHER_MS = 2;

/** One direction of a network: everything comes late, unevenly so, and in order, as over one connection. */
export class RoughWay {
  readonly #underWay: { readonly atMs: number; readonly deliver: () => void }[] = [];

  #sentAtMs = 0;
  #jitter = 0;

  /** Does it after the delay; at once where there is none. */
  carry({ delayMs, jitterMs }: Roughness, deliver: () => void): void {
    const now = performance.now();
    if (now - this.#sentAtMs > TOGETHER_MS) this.#jitter = Math.random();
    this.#sentAtMs = now;
    const atMs = now + delayMs + this.#jitter * jitterMs;
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
