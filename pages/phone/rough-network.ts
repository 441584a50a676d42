/** How bad the network between this phone and the server is made, to see what becomes of a call. */
export interface Roughness {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Of the microphone's frames, in percent. */
  readonly lossPercent: number;
}

export const SMOOTH: Roughness = { delayMs: 0, jitterMs: 0, lossPercent: 0 };

/** One direction of a network: everything comes late, unevenly so, and in order, as over one connection. */
export class RoughWay {
  #lastAtMs = 0;

  /** Does it after the delay; at once where there is none. */
  carry({ delayMs, jitterMs }: Roughness, deliver: () => void): void {
    const now = performance.now();
    const atMs = Math.max(this.#lastAtMs, now + delayMs + Math.random() * jitterMs);
    if (atMs <= now) {
      deliver();
      return;
    }
    this.#lastAtMs = atMs;
    setTimeout(deliver, atMs - now);
  }
}

export function isLost({ lossPercent }: Roughness): boolean {
  return Math.random() * 100 < lossPercent;
}
