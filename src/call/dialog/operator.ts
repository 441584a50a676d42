import type { Answerer } from './answerer.ts';

/** A person answers: nothing is said but by that person, however long it takes. */
export class Operator implements Answerer {
  readonly state = 'operator';

  begin(): void {
    // The person begins.
  }

  callerStarted(): void {
    // People interrupt each other as they like.
  }

  callerInsisted(): void {
    // As above.
  }

  callerDismissed(): void {
    // Nothing was said.
  }

  utterance(): void {
    // The operator has heard it.
  }

  textCame(): void {
    // It is in the conversation, for when the assistant goes on.
  }

  key(): void {
    // The operator sees it.
  }

  tick(): void {
    // Silence is the operator's affair.
  }

  stop(): void {
    // Nothing is in the making.
  }

  resume(): void {
    // The operator is still there.
  }
}
