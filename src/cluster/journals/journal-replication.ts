import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Topic } from '../../events/topic.ts';
import type { ReplicationFigures } from '../../journal/journal-follower.ts';
import type { Log } from '../../log.ts';
import type { ClusterSettings } from '../../settings/addresses/redis-address.ts';
import { rootCause } from '../../storage/failure-kind.ts';
import { threadScript } from '../../storage/package-files.ts';
import type { ReplicatedCall } from './journal-tail.ts';
import type {
  FromReplicationThread,
  ReplicationThreadData,
  ToReplicationThread,
} from './replication-messages.ts';

/** After an error in the thread a new one begins after this time. */
const RESTART_AFTER_MS = 2_000;
/** A thread that has been asked to stop is ended after this time. */
const STOP_WITHIN_MS = 1_000;
/** Figures come twice a second; a thread that is silent for longer is late by the rest. */
const FIGURES_WITHIN_MS = 1_000;
const NO_FIGURES: ReplicationFigures = { calls: 0, backlogBytes: 0, lagMs: 0, error: undefined };

export interface JournalReplicationOptions {
  readonly cluster: Pick<ClusterSettings, 'address' | 'prefix'>;
  readonly log: Log;
}

/**
 * Copies the journals of live calls to streams in Redis, so that another machine can continue the calls. A thread of its own reads what
 * the writing thread appended to the files. If Redis does not answer, the files are the backlog. Nothing waits for Redis.
 */
export class JournalReplication {
  /** Another machine has the call: its journal here is outdated. */
  readonly fenced: Topic<[callSid: string]>;
  readonly #options: JournalReplicationOptions;
  readonly #calls = new Map<string, ReplicatedCall>();
  readonly #confirmations = new Map<number, () => void>();
  #thread: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #confirmationIds = 0;
  #figures = NO_FIGURES;
  #figuresAtMs = 0;

  constructor(options: JournalReplicationOptions) {
    this.#options = options;
    this.fenced = new Topic((error) =>
      options.log.error({ err: error }, 'subscriber of outdated journals failed'),
    );
  }

  /** Resolves when the thread runs, whether Redis answers or not. Rejects if the thread cannot run. */
  async start(): Promise<void> {
    const thread = this.#startThread();
    await once(thread, 'message');
  }

  async stop(): Promise<void> {
    clearTimeout(this.#restart);
    const thread = this.#thread;
    this.#thread = undefined;
    if (!thread) return;
    const gone = once(thread, 'exit');
    thread.postMessage({ kind: 'stop' } satisfies ToReplicationThread);
    const timer = setTimeout(() => void thread.terminate(), STOP_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  }

  get figures(): ReplicationFigures {
    const calls = this.#calls.size;
    if (calls === 0) return NO_FIGURES;
    const silentMs = performance.now() - this.#figuresAtMs - FIGURES_WITHIN_MS;
    const lagMs = Math.max(this.#figures.lagMs, silentMs);
    return { ...this.#figures, calls, lagMs };
  }

  /** A call that is replicated already continues where it is, with the new fence. */
  begins(call: ReplicatedCall): void {
    // Before the first call no figures were needed.
    if (this.#calls.size === 0) this.#figuresAtMs = performance.now();
    this.#calls.set(call.callSid, call);
    this.#send({ kind: 'begins', call });
  }

  /** Records were written to some of the journals. */
  wrote(): void {
    if (this.#calls.size > 0) this.#send({ kind: 'wrote' });
  }

  /** Nothing more is sent; the stream stays. */
  ends(callSid: string): void {
    if (this.#calls.delete(callSid)) this.#send({ kind: 'ends', callSid });
  }

  /** Resolves with true when everything that is in the file by now is in Redis, with false after `withinMs`. */
  replicated(callSid: string, withinMs: number): Promise<boolean> {
    if (!this.#calls.has(callSid)) return Promise.resolve(false);
    const id = (this.#confirmationIds += 1);
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        clearTimeout(timer);
        this.#confirmations.delete(id);
        resolve(result);
      };
      const timer = setTimeout(() => settle(false), withinMs);
      this.#confirmations.set(id, () => settle(true));
      this.#send({ kind: 'confirm', id, callSid });
    });
  }

  #startThread(): Worker {
    const { address, prefix } = this.#options.cluster;
    const data: ReplicationThreadData = { address, prefix };
    const thread = new Worker(threadScript('replication-thread'), { workerData: data, execArgv: [] });
    this.#thread = thread;
    thread.on('message', (message: FromReplicationThread) => this.#receive(message));
    thread.on('error', (error) => this.#failed(thread, error));
    for (const call of this.#calls.values()) this.#send({ kind: 'begins', call });
    return thread;
  }

  /** An error of the program, or no memory for the thread: the calls go on in a new one. */
  #failed(thread: Worker, error: unknown): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#options.log.error({ err: error }, 'replication thread failed; a new one begins');
    this.#figures = { ...this.#figures, error: `the replication thread failed: ${rootCause(error)}` };
    this.#restart = setTimeout(() => this.#startThread(), RESTART_AFTER_MS);
  }

  #send(message: ToReplicationThread): void {
    this.#thread?.postMessage(message);
  }

  #receive(message: FromReplicationThread): void {
    switch (message.kind) {
      case 'ready':
        break;
      case 'confirmed':
        this.#confirmations.get(message.id)?.();
        break;
      case 'fenced':
        // This machine has taken the call again meanwhile.
        if (this.#calls.get(message.callSid)?.fence !== message.fence) break;
        this.#calls.delete(message.callSid);
        this.fenced.publish(message.callSid);
        break;
      case 'figures':
        this.#figures = message.figures;
        this.#figuresAtMs = performance.now();
        break;
    }
  }
}
