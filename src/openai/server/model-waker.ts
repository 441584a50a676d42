import { isIP } from 'node:net';
import type { LearnedProfile } from './server-profiles.ts';

/** Ollama unloads a model after five minutes without a request (https://docs.ollama.com/faq, "keep alive"); a minute is the margin. */
const LOADED_FOR_MS = 4 * 60_000;
/** The longest time for loading a model. */
export const LOADING_TIMEOUT_MS = 120_000;
/** A response that takes longer shows that the model had to be loaded first. */
const SLOW_START_MS = 4_000;

/**
 * Keeps track of whether the model of a server is loaded. Servers on this machine or in the local network may unload it, and so may
 * a server that once began to respond slowly. A request in the background then loads it. It outlives the call, because a server
 * that sees its request aborted stops loading.
 */
export class ModelWaker {
  readonly #profile: LearnedProfile;
  readonly #isLocal: boolean;
  readonly #now: () => number;
  #usedAtMs = -Infinity;
  #waking = false;

  /** `now`: monotonic milliseconds. */
  constructor(profile: LearnedProfile, now: () => number = () => performance.now()) {
    this.#profile = profile;
    this.#isLocal = isLocal(new URL(profile.target.server).hostname);
    this.#now = now;
  }

  /** Sends `request`, unless the model is loaded, being loaded, or on a server that keeps it loaded. Never throws. */
  wake(request: (signal: AbortSignal) => Promise<unknown>): void {
    const mayBeUnloaded = this.#isLocal || this.#profile.value.slowStart === true;
    if (!mayBeUnloaded || this.#waking || this.#now() - this.#usedAtMs < LOADED_FOR_MS) return;
    this.#waking = true;
    const done = (): void => void (this.#waking = false);
    // A failure is reported by the request that needs the model.
    this.timed(() => request(AbortSignal.timeout(LOADING_TIMEOUT_MS))).then(done, done);
  }

  /** The response of a server, whose beginning is timed. */
  async timed<T>(respond: () => Promise<T>): Promise<T> {
    const startedAtMs = this.#now();
    const response = await respond();
    this.#usedAtMs = this.#now();
    if (this.#usedAtMs - startedAtMs > SLOW_START_MS) this.#profile.learn({ slowStart: true });
    return response;
  }
}

/** True for this machine and addresses of local networks (RFC 1918, RFC 4193, RFC 6762), and for names without a domain. */
function isLocal(host: string): boolean {
  const bare = host.replace(/^\[|\]$/gu, '');
  if (isIP(bare) === 0) return !host.includes('.') || /\.(local|internal|lan|home\.arpa)$/u.test(host);
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80)/iu.test(bare);
}
