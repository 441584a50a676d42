import type { LearnedProfile, ServerProfile } from './server-profiles.ts';

/** After this many failed requests in a row, suppositions are dropped: the server fails for another reason. */
const MAX_FAILED_REQUESTS = 2;

type RefusedList = 'refusedFields' | 'refusedFormats';

/**
 * A learned profile with suppositions. A refusal without a reason may concern several properties of a request: each one is supposed
 * in turn, for all requests of the client, and learned when a request without it succeeds.
 */
export class SupposedProfile {
  readonly #learned: LearnedProfile;
  #supposed: ServerProfile = {};
  #failedRequests = 0;

  constructor(learned: LearnedProfile) {
    this.#learned = learned;
  }

  /** What is known and what is supposed. */
  get value(): Omit<ServerProfile, RefusedList> {
    return { ...this.#learned.value, ...this.#supposed };
  }

  refuses(list: RefusedList, name: string): boolean {
    return this.refused(list).includes(name);
  }

  refused(list: RefusedList): readonly string[] {
    return union(this.#learned.value[list], this.#supposed[list] ?? []);
  }

  learn(facts: ServerProfile): void {
    this.#learned.learn(facts);
  }

  /** Adds names to a list of what the server refuses. */
  learnRefused(list: RefusedList, ...names: readonly string[]): void {
    this.#learned.learn({ [list]: union(this.#learned.value[list], names) });
  }

  suppose(facts: ServerProfile): void {
    this.#supposed = { ...this.#supposed, ...facts };
  }

  supposeRefused(list: RefusedList, name: string): void {
    this.suppose({ [list]: union(this.#supposed[list], [name]) });
  }

  /** A request succeeded: what was supposed is true. */
  confirm(): void {
    const { refusedFields, refusedFormats, ...facts } = this.#supposed;
    if (refusedFields) this.learnRefused('refusedFields', ...refusedFields);
    if (refusedFormats) this.learnRefused('refusedFormats', ...refusedFormats);
    this.#learned.learn(facts);
    this.dropSuppositions();
  }

  /** A request failed in every shape that was tried. */
  requestFailed(): void {
    this.#failedRequests += 1;
    if (this.#failedRequests >= MAX_FAILED_REQUESTS) this.dropSuppositions();
  }

  /** Every shape was refused: the refusals concern something else. */
  dropSuppositions(): void {
    this.#supposed = {};
    this.#failedRequests = 0;
  }
}

function union(known: readonly string[] | undefined, names: readonly string[]): string[] {
  return [...new Set([...(known ?? []), ...names])];
}
