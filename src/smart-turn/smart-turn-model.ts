import { decodeMulaw } from '../audio/mulaw.ts';
import { loadResampler, Resampler } from '../audio/resampler.ts';
import { TELEPHONE_HZ } from '../audio/telephone.ts';
import { type EndOfTurnModel, ServiceError } from '../call/ports.ts';
import { npyOf } from './npy.ts';

/** What smart-turn models hear: 16 kHz, the last 8 s (https://github.com/pipecat-ai/smart-turn). */
const MODEL_HZ = 16_000;
const HEARD_SECONDS = 8;
/** A pause cannot wait longer: the words decide then. */
const ANSWER_MS = 300;
const MAX_RESPONSE_BYTES = 64 * 1024;
/** After so many failures in a row the server is not asked for a while. */
const MAX_FAILURES_IN_ROW = 2;
const PAUSE_MS = 30_000;

export interface SmartTurnOptions {
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Default: Node's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The longest time to wait for an answer. */
  readonly answerMs?: number | undefined;
}

/**
 * An end-of-turn model over HTTP, as Pipecat asks one (`HttpSmartTurnAnalyzer`): the request is the sound as a NumPy array of 32-bit
 * floats at 16 kHz, the response JSON with a `probability` (https://github.com/pipecat-ai/pipecat,
 * `src/pipecat/audio/turn/smart_turn/http_smart_turn.py`).
 */
export class SmartTurnModel implements EndOfTurnModel {
  readonly server: string;
  readonly #options: SmartTurnOptions;
  readonly #now: () => number;
  #failedInRow = 0;
  #pausedUntilMs = -Infinity;

  /** `now`: milliseconds. */
  constructor(options: SmartTurnOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.server = new URL(options.url).host;
    this.#now = now;
  }

  get isAvailable(): boolean {
    return this.#now() >= this.#pausedUntilMs;
  }

  async probability(speech: Uint8Array, signal: AbortSignal): Promise<number> {
    try {
      const probability = await this.#ask(await requestOf(speech), signal);
      this.#failedInRow = 0;
      this.#pausedUntilMs = -Infinity;
      return probability;
    } catch (error) {
      if (!signal.aborted) this.#failed();
      throw error;
    }
  }

  async #ask(body: Uint8Array, signal: AbortSignal): Promise<number> {
    const { url, apiKey, fetch: send = fetch, answerMs = ANSWER_MS } = this.#options;
    const headers = new Headers({ 'content-type': 'application/octet-stream', accept: 'application/json' });
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
    const late = AbortSignal.timeout(answerMs);
    let status: number | undefined;
    let text: string;
    try {
      const request = { method: 'POST', headers, body, redirect: 'error' } as const;
      const response = await send(url, { ...request, signal: AbortSignal.any([signal, late]) });
      ({ status } = response);
      text = await textOf(response);
    } catch (cause) {
      if (late.aborted) throw this.#error(`no answer within ${answerMs} ms`, { code: 'timeout' }, cause);
      throw this.#error(causeOf(cause), { status }, cause);
    }
    if (status !== 200) throw this.#error(text.slice(0, 200) || 'an empty response', { status });
    const probability = probabilityIn(text);
    if (probability === undefined)
      throw this.#error('the response has no probability from 0 to 1', { status, code: 'no_probability' });
    return probability;
  }

  #failed(): void {
    this.#failedInRow += 1;
    if (this.#failedInRow < MAX_FAILURES_IN_ROW) return;
    this.#failedInRow = 0;
    this.#pausedUntilMs = this.#now() + PAUSE_MS;
  }

  #error(
    said: string,
    details: { status?: number | undefined; code?: string },
    cause?: unknown,
  ): ServiceError {
    return new ServiceError('end-of-turn', 'judging a pause', {
      transient: true,
      details: { ...details, server: this.server, said },
      cause,
    });
  }
}

async function requestOf(speech: Uint8Array): Promise<Uint8Array> {
  await loadResampler();
  const heard = decodeMulaw(speech.subarray(-HEARD_SECONDS * TELEPHONE_HZ));
  const resampler = new Resampler({ fromHz: TELEPHONE_HZ, toHz: MODEL_HZ });
  try {
    return npyOf([resampler.process(heard), resampler.flush()]);
  } finally {
    resampler.close();
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MAX_RESPONSE_BYTES) throw new Error(`a response of more than ${MAX_RESPONSE_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function probabilityIn(text: string): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const probability: unknown = (value as { readonly probability?: unknown } | null)?.probability;
  return typeof probability === 'number' && probability >= 0 && probability <= 1 ? probability : undefined;
}

/** `fetch failed` has the reason in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error instanceof Error ? error.message : String(error);
}
