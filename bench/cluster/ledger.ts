/** What became of the calls of a simulation. */
export class Ledger {
  /** Who wrote the files of a call. */
  readonly #writers = new Map<string, string>();
  readonly #appended = new Map<string, { readonly machine: string; readonly fence: number }>();
  /** Calls whose files two machines have written. */
  doubleFiles = 0;
  /** Parts of journals that Redis accepted from a machine after one with the same or a later fence. */
  doubleParts = 0;
  /** Milliseconds of a caller's audio that the call's record does not have, one entry for each interruption of a call. */
  readonly lostMs: number[] = [];
  /** From when no working machine had the caller until one had, one entry for each interruption of a call. */
  readonly recoveryMs: number[] = [];
  /** Requests of Twilio's that were answered with: another machine has the call. */
  refused = 0;
  readonly messages = new Map<string, number>();
  completed = 0;

  /** A machine has written the files of a call. */
  wrote(callSid: string, machine: string): void {
    const writer = this.#writers.get(callSid);
    if (writer !== undefined && writer !== machine) this.doubleFiles += 1;
    if (writer === undefined) this.completed += 1;
    this.#writers.set(callSid, machine);
  }

  hasFiles(callSid: string): boolean {
    return this.#writers.has(callSid);
  }

  /** Redis has accepted a part of the journal. */
  appended(callSid: string, machine: string, fence: number): void {
    const last = this.#appended.get(callSid);
    if (last && (fence < last.fence || (fence === last.fence && machine !== last.machine)))
      this.doubleParts += 1;
    this.#appended.set(callSid, { machine, fence });
  }
}
