import type { ResponseStream } from '../response-stream.ts';

/** Cancelled responses and requests whose late events are recognised. */
const MAX_REMEMBERED = 200;

/** A sentence that was requested of a session. */
export interface SentenceRequest {
  readonly label: string;
  readonly text: string;
  readonly sentence: ResponseStream;
  /** The server's id of its response, when it is known. */
  response?: string;
  /** The request was sent. */
  sent: boolean;
  /** Its response has ended. */
  over: boolean;
}

/** Which response belongs to which request of one session. A request is named by our label, a response by the server's id. */
export class RequestTable {
  readonly #requests = new Map<string, SentenceRequest>();
  readonly #byResponse = new Map<string, SentenceRequest>();
  /** Responses of cancelled sentences. */
  readonly #cancelledResponses = new Set<string>();
  /** Labels of requests that were cancelled before their response began. */
  readonly #cancelledRequests = new Set<string>();

  get size(): number {
    return this.#requests.size;
  }

  get all(): SentenceRequest[] {
    return [...this.#requests.values()];
  }

  add(label: string, text: string, sentence: ResponseStream): SentenceRequest {
    const request = { label, text, sentence, sent: false, over: false };
    this.#requests.set(label, request);
    return request;
  }

  /**
   * A response began. `cancelled`: its sentence was; undefined: it was not requested. Some servers do not return our label: if only one
   * request is without a response, that one is meant.
   */
  begin(response: string, stated: string | undefined): SentenceRequest | 'cancelled' | undefined {
    const waiting = this.#waiting;
    const only = waiting.length === 1 && this.#cancelledRequests.size === 0 ? waiting[0]?.label : undefined;
    const label = stated ?? only;
    if (label === undefined) return undefined;
    if (this.#cancelledRequests.delete(label)) {
      this.#remember(this.#cancelledResponses, response);
      return 'cancelled';
    }
    const request = this.#requests.get(label);
    if (request === undefined || request.response !== undefined) return undefined;
    request.response = response;
    this.#byResponse.set(response, request);
    return request;
  }

  of(response: string): SentenceRequest | 'cancelled' | undefined {
    return (
      this.#byResponse.get(response) ?? (this.#cancelledResponses.has(response) ? 'cancelled' : undefined)
    );
  }

  /** The request that an error concerns. Some servers do not name it: then the oldest one without a response is meant. */
  refused(label: string | undefined): SentenceRequest | undefined {
    if (label === undefined) return this.#waiting[0];
    this.#cancelledRequests.delete(label);
    return this.#requests.get(label);
  }

  /** Nothing more is read of a request. Returns the response that is still in progress, if it is known. */
  end(label: string): string | undefined {
    const request = this.#requests.get(label);
    if (request === undefined) return undefined;
    this.#requests.delete(label);
    const { response, sent, over } = request;
    if (response !== undefined) this.#byResponse.delete(response);
    if (over || !sent) return undefined;
    if (response === undefined) this.#remember(this.#cancelledRequests, label);
    else this.#remember(this.#cancelledResponses, response);
    return response;
  }

  get #waiting(): SentenceRequest[] {
    return this.all.filter(({ sent, response }) => sent && response === undefined);
  }

  #remember(names: Set<string>, name: string): void {
    names.add(name);
    if (names.size > MAX_REMEMBERED) names.delete([...names][0]!);
  }
}
