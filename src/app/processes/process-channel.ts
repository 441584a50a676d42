import type { Socket } from 'node:net';
import type { Clock } from '../../events/clock.ts';

/** A process of the same machine that does not answer within this time counts as failed for this request. */
const ANSWER_WITHIN_MS = 2_000;
/** Requests that wait for answers. */
const MAX_WAITING = 1_000;
/** Messages that the other process has not read; audio for listeners is dropped above. */
const MAX_UNREAD = 200;

/** What one process may ask of another, by name. Arguments and results must be cloneable. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Our end of the connection to a parent or child process that was started with `fork`. */
export interface ProcessEnd {
  readonly connected: boolean;
  send?(
    message: object,
    handle: Socket | undefined,
    options: { readonly keepOpen?: boolean },
    sent: (error: Error | null) => void,
  ): boolean;
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

type Message =
  | {
      readonly kind: 'request';
      readonly id: number | undefined;
      readonly name: string;
      readonly args: never[];
    }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string };

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Requests in both directions between two processes. `Theirs`: what the other one answers. */
export class ProcessChannel<Theirs extends Methods> {
  readonly #end: ProcessEnd;
  readonly #own: Methods;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #answerWithinMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #numbered = 0;
  #unread = 0;

  /** `own`: what this process answers; a socket is the last argument. `failed`: an error of a request that wants no answer. */
  constructor(
    end: ProcessEnd,
    own: Methods,
    clock: Clock,
    failed: (error: unknown) => void,
    answerWithinMs = ANSWER_WITHIN_MS,
  ) {
    this.#end = end;
    this.#own = own;
    this.#clock = clock;
    this.#failed = failed;
    this.#answerWithinMs = answerWithinMs;
    end.on('message', (message, handle) => this.#take(message as Message, handle as Socket | undefined));
    end.on('disconnect', () => this.#rejectAll(new Error('the process has ended')));
  }

  /** Rejects if the other process answers with an error, does not answer in time, or has ended. */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    ...args: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return this.#ask(name, args);
  }

  /** As `ask`, with a socket. When the answer arrives, this process reads nothing more from it. */
  handOver<Name extends keyof Theirs & string>(
    socket: Socket,
    name: Name,
    ...args: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return this.#ask(name, args, socket);
  }

  /** Wants no answer. */
  tell<Name extends keyof Theirs & string>(name: Name, ...args: Parameters<Theirs[Name]>): void {
    this.#send({ kind: 'request', id: undefined, name, args });
  }

  /** As `tell`; dropped if the other process reads too slowly. */
  tellUnlessSlow<Name extends keyof Theirs & string>(name: Name, ...args: Parameters<Theirs[Name]>): void {
    if (this.#unread < MAX_UNREAD) this.tell(name, ...args);
  }

  #ask<Answer>(name: string, args: never[], socket?: Socket): Promise<Answer> {
    if (this.#waiting.size >= MAX_WAITING) {
      socket?.destroy();
      return Promise.reject(new Error('too many requests wait'));
    }
    const id = (this.#numbered += 1);
    const settled = new AbortController();
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    }).finally(() => settled.abort());
    void this.#clock.sleep(this.#answerWithinMs, settled.signal).then(() => {
      this.#settle(id)?.reject(new Error(`no answer within ${this.#answerWithinMs} ms`));
    });
    this.#send({ kind: 'request', id, name, args }, socket);
    return answer;
  }

  #send(message: Message, socket?: Socket): void {
    const failed = (error: Error): void => {
      socket?.destroy();
      if (message.kind === 'request' && message.id !== undefined) this.#settle(message.id)?.reject(error);
    };
    if (!this.#end.connected) return failed(new Error('the process has ended'));
    this.#unread += 1;
    this.#end.send?.(message, socket, { keepOpen: false }, (error) => {
      this.#unread -= 1;
      if (error) failed(error);
    });
  }

  #take(message: Message, socket: Socket | undefined): void {
    if (message.kind === 'result') this.#settle(message.id)?.resolve(message.value as never);
    else if (message.kind === 'error') this.#settle(message.id)?.reject(new Error(message.message));
    else void this.#answer(message, socket);
  }

  async #answer(request: Extract<Message, { kind: 'request' }>, socket: Socket | undefined): Promise<void> {
    const { id, name, args } = request;
    try {
      const method = this.#own[name];
      if (!method) throw new Error(`there is no request "${name}"`);
      const value: unknown = await method(...([...args, ...(socket ? [socket] : [])] as never[]));
      if (id !== undefined) this.#send({ kind: 'result', id, value });
    } catch (error) {
      if (id === undefined) this.#failed(error);
      else this.#send({ kind: 'error', id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #rejectAll(error: Error): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error);
  }
}
