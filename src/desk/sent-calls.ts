import type { ListedCall } from './desk-ports.ts';
import type { DeskCall } from './desk-messages.ts';

/** What operators know of a call. */
interface SentCall {
  readonly call: ListedCall;
  readonly holder: string | undefined;
  readonly lastWords: DeskCall['lastWords'];
}

/** The state of each call that operators were sent last. */
export class SentCalls {
  readonly #sent = new Map<string, SentCall>();

  /** Whether the state differs from the last one; it is the last one from now on. */
  changes(call: ListedCall, holder: string | undefined, lastWords: DeskCall['lastWords']): boolean {
    const sent = this.#sent.get(call.callSid);
    if (sent?.holder === holder && sent?.lastWords === lastWords && isSame(sent?.call, call)) return false;
    this.#sent.set(call.callSid, { call, holder, lastWords });
    return true;
  }

  /** The calls that are not in a list. */
  without(calls: readonly ListedCall[]): string[] {
    const listed = new Set(calls.map(({ callSid }) => callSid));
    return [...this.#sent.keys()].filter((callSid) => !listed.has(callSid));
  }

  forget(callSid: string): void {
    this.#sent.delete(callSid);
  }
}

/** Calls of other processes are new objects with each report. */
function isSame(one: ListedCall | undefined, other: ListedCall): boolean {
  if (one === other) return true;
  return (
    one?.state === other.state &&
    one.format === other.format &&
    one.from === other.from &&
    one.to === other.to &&
    one.startedAt === other.startedAt &&
    one.bell === other.bell &&
    one.assisted === other.assisted &&
    one.partialText === other.partialText
  );
}
