import type { Journal, PieceRole } from '../../events/call-events.ts';
import type { Speaker } from '../../events/speaker.ts';
import type { Conversation } from '../dialog/conversation.ts';
import type { PromptBook, PromptName } from '../dialog/prompts.ts';
import type { Line } from '../ports.ts';
import { OutputQueue } from './output-queue.ts';
import type { Playback } from './playback.ts';

/** A mark that has not come back this long after its audio must have ended never will. */
const MARK_PATIENCE_MS = 3_000;

interface Stream {
  readonly outbox: OutputQueue;
  readonly playback: Playback;
}

/** Everything the call says goes through here: prompts, sentences of replies, tones. */
export class SpeechOutput {
  readonly #prompts: PromptBook;
  readonly #conversation: Conversation;
  readonly #journal: Journal;
  readonly #lengths = new Map<number, number>();
  #stream: Stream | undefined;
  #replies: number;
  #pieces: number;
  #spokeAtMs = -Infinity;

  constructor(parts: {
    prompts: PromptBook;
    conversation: Conversation;
    journal: Journal;
    /** The highest numbers used before, where a call is taken up again. */
    replies: number;
    pieces: number;
  }) {
    this.#prompts = parts.prompts;
    this.#conversation = parts.conversation;
    this.#journal = parts.journal;
    this.#replies = parts.replies;
    this.#pieces = parts.pieces;
  }

  connect(parts: {
    line: Line;
    playback: Playback;
    recorded: boolean;
    maxLeadMs: number;
    sent?: (speaker: Speaker, mulaw: Uint8Array, leadMs: number) => void;
  }): void {
    const { playback } = parts;
    this.#stream = { outbox: new OutputQueue({ ...parts, journal: this.#journal }), playback };
  }

  disconnect(): void {
    this.#stream = undefined;
    this.#lengths.clear();
  }

  /** Whether something is still to be heard. */
  audible(atMs: number): boolean {
    const stream = this.#stream;
    if (!stream) return false;
    const leadMs = stream.playback.leadMs(atMs);
    const audible =
      !stream.outbox.empty || leadMs > 0 || (stream.playback.awaitsMarks && leadMs > -MARK_PATIENCE_MS);
    if (audible) this.#spokeAtMs = atMs;
    return audible;
  }

  /** When something was last heard, as far as anyone asked. */
  get lastAudibleAtMs(): number {
    return this.#spokeAtMs;
  }

  get full(): boolean {
    return this.#stream?.outbox.full ?? false;
  }

  ownDbfs(atMs: number): number {
    return this.#stream?.outbox.ownDbfs(atMs) ?? -100;
  }

  pump(atMs: number): void {
    this.#stream?.outbox.pump(atMs);
  }

  nextReply(): number {
    return (this.#replies += 1);
  }

  sayPrompt(name: PromptName, atMs: number, role: PieceRole = 'prompt'): void {
    const { text, mulaw } = this.#prompts.get(name);
    this.sayWhole({ text, mulaw, role }, atMs);
  }

  /** Says something whose sound is already there. */
  sayWhole(what: { text: string; mulaw: Uint8Array; role: PieceRole }, atMs: number): void {
    const piece = this.open(
      { reply: this.nextReply(), speaker: 'assistant', text: what.text, role: what.role },
      atMs,
    );
    this.push(piece, what.mulaw, atMs);
    this.complete(piece, atMs);
  }

  /** Opens a piece behind all others; gives its number. */
  open(what: { reply: number; speaker: Speaker; text: string; role: PieceRole }, atMs: number): number {
    const piece = (this.#pieces += 1);
    const stream = this.#stream;
    if (!stream) return piece;
    stream.outbox.open({ piece, ...what }, atMs);
    this.#lengths.set(piece, 0);
    if (what.role === 'reply' || what.role === 'greeting') {
      const part = { piece, text: what.text, playback: stream.playback };
      this.#conversation.piece(what.reply, what.speaker, part, atMs);
    }
    return piece;
  }

  push(piece: number, mulaw: Uint8Array, atMs: number): void {
    const length = this.#lengths.get(piece);
    if (length === undefined) return;
    this.#lengths.set(piece, length + mulaw.length);
    this.#stream?.outbox.push(piece, mulaw, atMs);
  }

  complete(piece: number, atMs: number): void {
    const length = this.#lengths.get(piece);
    if (length === undefined) return;
    this.#lengths.delete(piece);
    this.#conversation.complete(piece, length);
    this.#stream?.outbox.complete(piece, atMs);
  }

  /** No more of a piece will come, though it is not whole. */
  breakOff(piece: number, atMs: number): void {
    if (this.#lengths.delete(piece)) this.#stream?.outbox.complete(piece, atMs, false);
  }

  /** Falls silent at once: what was not heard yet never will be. */
  cut(atMs: number): void {
    this.#stream?.outbox.clear(atMs);
    this.#lengths.clear();
  }
}
