import type { ChatPart } from './chat-parts.ts';

/** The text of a reply from its pieces. A `message` is a piece too, or repeats the whole text so far. */
export class ReplyText {
  #text = '';
  #lastKind: 'text' | 'message' | undefined;

  get soFar(): string {
    return this.#text;
  }

  /** Returns what the part adds. */
  add(part: ChatPart): string {
    if (part.kind !== 'text' && part.kind !== 'message') return '';
    const added = part.kind === 'text' ? part.text : this.#newIn(part.text);
    this.#lastKind = part.kind;
    this.#text += added;
    return added;
  }

  #newIn(message: string): string {
    if (message.startsWith(this.#text)) return message.slice(this.#text.length);
    if (message.trim() === this.#text.trim()) return '';
    // Behind pieces it is the whole reply, in which the server changed something.
    return this.#lastKind === 'text' ? '' : message;
  }
}
