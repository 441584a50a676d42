import type { CallEvent } from '../events/call-events.ts';

/** Describes an event of a call in one line; undefined for events without a description. */
export class ProgressLines {
  #zeroMs: number | undefined;

  lineOf(event: CallEvent): string | undefined {
    if (event.kind === 'stream') this.#zeroMs ??= event.atMs;
    const words = wordsOf(event);
    if (words === undefined) return undefined;
    const seconds = Math.max(0, event.atMs - (this.#zeroMs ?? event.atMs)) / 1_000;
    return `  ${seconds.toFixed(1).padStart(6)} s  ${words}`;
  }
}

function wordsOf(event: CallEvent): string | undefined {
  switch (event.kind) {
    case 'ringing':
      return `the phone rings: ${event.from} calls ${event.to}`;
    case 'stream':
      return 'the line is open';
    case 'piece':
      return event.role === 'tone' ? 'Assistant: (tone)' : `Assistant: ${event.text}`;
    case 'text':
      return event.text ? `Caller:    ${event.text}` : undefined;
    case 'key':
      return `Caller:    presses ${event.digit}`;
    case 'clear':
      return '(the caller interrupts: the assistant falls silent)';
    case 'end':
      return 'the call is over; its files are being made';
    default:
      return undefined;
  }
}
