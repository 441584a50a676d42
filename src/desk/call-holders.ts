import type { DeskCalls } from './desk-ports.ts';

/** Which operator holds which call, and how a call gets to an operator and back. Refusals are sentences. */
export class CallHolders {
  readonly #calls: Pick<DeskCalls, 'takeOver' | 'handBack'>;
  /** Call → operator. */
  readonly #holders = new Map<string, string>();

  constructor(calls: Pick<DeskCalls, 'takeOver' | 'handBack'>) {
    this.#calls = calls;
  }

  holderOf(callSid: string): string | undefined {
    return this.#holders.get(callSid);
  }

  holdsAny(operatorId: string): boolean {
    for (const holder of this.#holders.values()) if (holder === operatorId) return true;
    return false;
  }

  isHeldBy(callSid: string, operatorId: string): boolean {
    return this.#holders.get(callSid) === operatorId;
  }

  /** Why this operator cannot act on the call. */
  refusal(callSid: string, operatorId: string): string | undefined {
    const holder = this.#holders.get(callSid);
    return holder === undefined || holder === operatorId ? undefined : 'Another operator holds this call.';
  }

  /** Resolves with the reason of a refusal; rejects if the call's process does not answer. */
  async takeOver(callSid: string, operatorId: string): Promise<string | undefined> {
    const refusal = this.refusal(callSid, operatorId);
    if (refusal !== undefined) return refusal;
    if (this.isHeldBy(callSid, operatorId)) return undefined;
    // Before the answer: the operator's next words are passed on, and another operator is refused.
    this.#holders.set(callSid, operatorId);
    let taken = false;
    try {
      taken = await this.#calls.takeOver(callSid);
    } finally {
      if (!taken && this.isHeldBy(callSid, operatorId)) this.release(callSid);
    }
    return taken ? undefined : 'The call cannot be taken over now: it has no line, or it is ending.';
  }

  /** As `takeOver`. */
  async handBack(callSid: string, operatorId: string): Promise<string | undefined> {
    if (!this.isHeldBy(callSid, operatorId)) return 'You do not hold this call.';
    this.release(callSid);
    await this.#calls.handBack(callSid);
    return undefined;
  }

  /** Hands back all calls of an operator. A call whose process does not answer is over, or continues elsewhere with an assistant. */
  handBackAll(operatorId: string): void {
    const held = [...this.#holders].filter(([, holder]) => holder === operatorId).map(([callSid]) => callSid);
    for (const callSid of held) this.handBack(callSid, operatorId).catch(() => undefined);
  }

  /** The call has no holder from now on. */
  release(callSid: string): void {
    this.#holders.delete(callSid);
  }
}
