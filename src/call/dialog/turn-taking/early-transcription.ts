import type { EarlyRequest, SpokenTurn } from '../utterance-transcription.ts';
import type { CancelRequest } from '../service-calls.ts';

/** Longer speech is transcribed once, at its end: its text takes longer than the pause. */
const LONGEST_MS = 10_000;
/** Requests for one turn: a caller who pauses after every word would cost one each. */
const MAX_REQUESTS = 3;

/** Requests a transcription; returns undefined if none is possible now. */
export type RequestText = (
  spoken: SpokenTurn,
  done: (result: string | Error) => void,
) => CancelRequest | undefined;

interface Request {
  /** The end of the words, in call milliseconds: the request is that of the turn if it ends there. */
  readonly endMs: number;
  cancel: CancelRequest;
  result?: string | Error;
  /** Receives the result for the turn. */
  adopted?: (result: string | Error) => void;
}

/** Requests the text of the caller's words at each pause, so that it is known when the turn ends. */
export class EarlyTranscription {
  readonly #request: RequestText;
  readonly #arrived: (text: string) => void;
  #current: Request | undefined;
  #requests = 0;

  /** `arrived`: receives texts while the caller still pauses. */
  constructor(request: RequestText, arrived: (text: string) => void) {
    this.#request = request;
    this.#arrived = arrived;
  }

  /** The caller pauses after these words. */
  paused(spoken: SpokenTurn): void {
    if (spoken.endMs - spoken.startMs > LONGEST_MS || this.#requests >= MAX_REQUESTS) return;
    this.#requests += 1;
    const request: Request = { endMs: spoken.endMs, cancel: () => {} };
    // Set first: a service may answer before the request returns.
    this.#current = request;
    const cancel = this.#request(spoken, (result) => this.#settle(request, result));
    if (cancel) request.cancel = cancel;
    else this.#current = undefined;
  }

  /** The caller goes on: the text so far is not that of the turn. */
  continued(): void {
    this.#current?.cancel();
    this.#current = undefined;
  }

  /** The turn has ended. The request of its last pause; undefined if there is none, or if it failed. */
  finished(endMs: number): EarlyRequest | undefined {
    const request = this.#current;
    this.#current = undefined;
    this.#requests = 0;
    if (!request) return undefined;
    if (request.endMs !== endMs || request.result instanceof Error) {
      request.cancel();
      return undefined;
    }
    return {
      cancel: request.cancel,
      adopt: (done) => {
        if (request.result === undefined) request.adopted = done;
        else done(request.result);
      },
    };
  }

  #settle(request: Request, result: string | Error): void {
    request.result = result;
    if (request.adopted) request.adopted(result);
    else if (request === this.#current && typeof result === 'string') this.#arrived(result);
  }
}
