import type { ReplicationFigures } from '../../journal/journal-follower.ts';
import { isProgrammingError } from '../../log.ts';
import { Backoff } from '../../storage/backoff.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { appendPortions, type AppendResult, type Portion } from './append-script.ts';
import { JournalTail, MOST_BYTES, type ReplicatedCall } from './journal-tail.ts';

/** A call with more than this to send is behind: it is sent alone, in larger portions. */
const FRESH_BYTES = 64 * 1024;
/** After an answer that came too late, portions are halved down to this size. */
const LEAST_BYTES = 16 * 1024;
/** The largest number of calls in one script. Redis serves no other client while a script runs. */
const CALLS_IN_SCRIPT = 64;
/** Calls that are behind and have a portion on the way, so that new audio of the other ones waits for few bytes. */
const BEHIND_AT_ONCE = 4;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 1_000;
/** A call whose portion Redis refused is tried again after this time; the other calls go on. */
const REFUSED_FOR_MS = 500;
const UNKNOWN_CALL = 'Redis has nothing of the call';
const SHORTENED_FILE = 'Redis has more of the journal than the disk';

/** Sends what is written to journal files to their streams in Redis. Reads the files with blocking calls, so it belongs into a thread of its own. */
export class JournalReplicator {
  readonly #client: RedisClient;
  readonly #keys: RedisKeys;
  readonly #fenced: (callSid: string, fence: number) => void;
  readonly #now: () => number;
  readonly #calls = new Map<string, JournalTail>();
  /** Those of which a portion has been sent and not been answered. */
  readonly #sending = new Set<JournalTail>();
  readonly #backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS);
  #portionBytes = MOST_BYTES;
  #roundAtMs = -Infinity;
  /** Why the last script failed, and when to try again. */
  #failure: { readonly cause: unknown; readonly untilMs: number } | undefined;

  /**
   * `fenced`: another machine has the call; its journal is not replicated any more. `now`: milliseconds of a clock that is never
   * set.
   */
  constructor(
    client: RedisClient,
    keys: RedisKeys,
    fenced: (callSid: string, fence: number) => void,
    now = () => performance.now(),
  ) {
    this.#client = client;
    this.#keys = keys;
    this.#fenced = fenced;
    this.#now = now;
  }

  /** A call whose fence has changed continues where it is. */
  begins(call: ReplicatedCall): void {
    const known = this.#calls.get(call.callSid);
    if (known?.path === call.path) known.fence = call.fence;
    else {
      known?.close();
      this.#calls.set(call.callSid, new JournalTail(call));
    }
  }

  ends(callSid: string): void {
    this.#calls.get(callSid)?.close();
    this.#calls.delete(callSid);
  }

  /** Calls `reached` when everything that is in the call's file now is in Redis, or never. */
  whenReplicated(callSid: string, reached: () => void): void {
    const tail = this.#calls.get(callSid);
    if (!tail) return;
    if (this.#tried(tail, () => tail.whenReplicated(reached)) !== 'failed') this.round();
  }

  /** Sends what is new of all calls, and the next portions of those that are behind. */
  round(): void {
    const atMs = this.#now();
    this.#roundAtMs = atMs;
    if (this.#failure) return this.#probe(this.#failure.untilMs, atMs);
    let portions: Portion[] = [];
    let bytes = 0;
    for (const tail of this.#calls.values()) {
      if (!this.#isDue(tail, atMs) || tail.isBehind) continue;
      const portion = this.#portion(tail, Math.min(FRESH_BYTES, this.#portionBytes), atMs);
      if (!portion) continue;
      portions.push(portion);
      bytes += portion.bytes.length;
      if (bytes < this.#portionBytes && portions.length < this.#callsInScript) continue;
      this.#send(portions);
      portions = [];
      bytes = 0;
    }
    if (portions.length > 0) this.#send(portions);
    this.#sendBehind();
  }

  /** `round`, if there was none for `ms`. */
  roundAfter(ms: number): void {
    if (this.#calls.size > 0 && this.#now() - this.#roundAtMs >= ms) this.round();
  }

  get figures(): Omit<ReplicationFigures, 'error'> & { readonly cause: unknown } {
    const atMs = this.#now();
    let backlogBytes = 0;
    let sinceMs = atMs;
    let cause = this.#failure?.cause;
    for (const tail of this.#calls.values()) {
      this.#tried(tail, () => {
        const unsent = tail.unsent(atMs);
        backlogBytes += unsent.bytes;
        sinceMs = Math.min(sinceMs, unsent.sinceMs);
      });
      cause ??= tail.trouble?.text;
    }
    return { calls: this.#calls.size, backlogBytes, lagMs: atMs - sinceMs, cause };
  }

  end(): void {
    for (const callSid of this.#calls.keys()) this.ends(callSid);
  }

  /** The keys of one command must be on one node of a cluster. */
  get #callsInScript(): number {
    return this.#client.isCluster ? 1 : CALLS_IN_SCRIPT;
  }

  #isDue(tail: JournalTail, atMs: number): boolean {
    return !this.#sending.has(tail) && (tail.trouble === undefined || tail.trouble.untilMs <= atMs);
  }

  /** After a failure: one portion of one call, until it succeeds. */
  #probe(untilMs: number, atMs: number): void {
    if (this.#sending.size > 0 || atMs < untilMs) return;
    for (const tail of this.#calls.values()) {
      const portion = this.#isDue(tail, atMs) && this.#portion(tail, LEAST_BYTES, atMs);
      if (portion) return this.#send([portion]);
    }
  }

  #sendBehind(): void {
    const atMs = this.#now();
    const all = [...this.#calls.values()].filter((tail) => tail.isBehind);
    let slots = BEHIND_AT_ONCE - all.filter((tail) => this.#sending.has(tail)).length;
    for (const tail of all) {
      if (slots <= 0) return;
      const portion = this.#isDue(tail, atMs) && this.#portion(tail, this.#portionBytes, atMs);
      if (!portion) continue;
      this.#send([portion]);
      slots -= 1;
    }
  }

  #portion(tail: JournalTail, bytes: number, atMs: number): Portion | undefined {
    const read = this.#tried(tail, () => tail.read(bytes, atMs));
    if (read === 'failed' || (read.length === 0 && !tail.isToBeChecked(atMs))) return undefined;
    return { callSid: tail.callSid, fence: tail.fence, offset: tail.offset, bytes: read };
  }

  #tried<Result>(tail: JournalTail, use: () => Result): Result | 'failed' {
    try {
      return use();
    } catch (error) {
      this.#refuse(tail, `the journal of a call cannot be read: ${errorText(error)}`);
      return 'failed';
    }
  }

  #send(portions: readonly Portion[]): void {
    const sent = portions.map((portion) => ({ ...portion, tail: this.#calls.get(portion.callSid)! }));
    for (const { tail } of sent) this.#sending.add(tail);
    const answered = (): void => {
      for (const { tail } of sent) this.#sending.delete(tail);
    };
    void appendPortions(this.#client, this.#keys, portions).then(
      (results) => {
        answered();
        this.#succeeded();
        sent.forEach((portion, index) => this.#apply(portion, results[index]!));
        this.#sendBehind();
      },
      (cause: unknown) => {
        if (isProgrammingError(cause)) throw cause;
        answered();
        this.#portionBytes = Math.max(LEAST_BYTES, this.#portionBytes / 2);
        // Several scripts may fail at once: that is one failure.
        if (this.#failure && this.#failure.untilMs > this.#now()) return;
        this.#failure = { cause, untilMs: this.#now() + this.#backoff.next() };
      },
    );
  }

  #succeeded(): void {
    this.#failure = undefined;
    this.#backoff.reset();
    this.#portionBytes = Math.min(MOST_BYTES, this.#portionBytes * 2);
  }

  #apply({ tail, ...portion }: Portion & { readonly tail: JournalTail }, result: AppendResult): void {
    const { callSid } = tail;
    // The call has ended meanwhile, or has another fence.
    if (this.#calls.get(callSid) !== tail || tail.fence !== portion.fence) return;
    if (result === portion.offset + portion.bytes.length) tail.replicatedUpTo(result, this.#now());
    else if (typeof result === 'number') this.#tried(tail, () => this.#continueAt(tail, result));
    else if (result === 'fenced') {
      this.ends(callSid);
      this.#fenced(callSid, tail.fence);
    } else if (result === 'unknown') this.#refuse(tail, UNKNOWN_CALL);
    else {
      this.#refuse(tail, result.error);
      // The name may lead to another server by now.
      if (result.error.startsWith('READONLY')) this.#client.disconnect(true);
    }
  }

  #continueAt(tail: JournalTail, length: number): void {
    if (!tail.continueAt(length, this.#now())) this.#refuse(tail, SHORTENED_FILE);
  }

  #refuse(tail: JournalTail, text: string): void {
    tail.trouble = { text, untilMs: this.#now() + REFUSED_FOR_MS };
  }
}
