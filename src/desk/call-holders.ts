/** Which operator holds which call. */
export class CallHolders {
  /** Call → operator. */
  readonly #holders = new Map<string, string>();

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

  hold(callSid: string, operatorId: string): void {
    this.#holders.set(callSid, operatorId);
  }

  release(callSid: string): void {
    this.#holders.delete(callSid);
  }

  /** Releases all calls of an operator, and returns them. */
  releaseAll(operatorId: string): string[] {
    const held = [...this.#holders].filter(([, holder]) => holder === operatorId).map(([callSid]) => callSid);
    for (const callSid of held) this.release(callSid);
    return held;
  }
}
