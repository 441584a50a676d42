import type { CallEventLog, PieceRole } from '../../events/call-events.ts';
import type { Speaker } from '../../events/speaker.ts';
import type { Conversation } from '../dialog/conversation.ts';
import type { PromptBook, PromptName } from '../dialog/prompts.ts';
import type { Line } from '../ports.ts';
import { OutputQueue, type Piece } from './output-queue.ts';
import type { CutWords, PieceWords } from './piece-words.ts';
import type { Playback } from './playback.ts';

/** A mark that has not returned this long after the end of its audio is taken as lost. */
const MARK_TIMEOUT_MS = 3_000;
const SAMPLES_PER_MS = 8;
const SENTENCE_END = /[.!?…。！？।؟]\s*$/u;

interface Stream {
  readonly queue: OutputQueue;
  readonly playback: Playback;
}

/** All output of a call: prompts, sentences of replies, tones, operator audio. Numbers the pieces and feeds the queue. */
export class SpeechOutput {
  readonly #prompts: PromptBook;
  readonly #conversation: Conversation;
  readonly #journal: CallEventLog;
  readonly #lengths = new Map<number, number>();
  /** Words that arrived with the audio of pieces, and are not in the journal. */
  readonly #newWords = new Map<number, string>();
  #stream: Stream | undefined;
  #replies: number;
  #pieces: number;

  constructor(options: {
    prompts: PromptBook;
    conversation: Conversation;
    journal: CallEventLog;
    /** The highest numbers used by an earlier process; 0 for a new call. */
    replies: number;
    pieces: number;
  }) {
    this.#prompts = options.prompts;
    this.#conversation = options.conversation;
    this.#journal = options.journal;
    this.#replies = options.replies;
    this.#pieces = options.pieces;
  }

  connect(stream: {
    line: Line;
    playback: Playback;
    recorded: boolean;
    maxLeadMs: number;
    sent?: ((speaker: Speaker, mulaw: Uint8Array, leadMs: number) => void) | undefined;
  }): void {
    const queue = new OutputQueue({ ...stream, journal: this.#journal });
    this.#stream = { queue, playback: stream.playback };
  }

  disconnect(): void {
    this.#stream = undefined;
    this.#lengths.clear();
    this.#newWords.clear();
  }

  /** True while audio is still to be heard. */
  audible(atMs: number): boolean {
    const stream = this.#stream;
    if (!stream) return false;
    const leadMs = stream.playback.leadMs(atMs);
    if (!stream.queue.empty || leadMs > 0) return true;
    return stream.playback.awaitsMarks && leadMs > -MARK_TIMEOUT_MS;
  }

  /** True while a piece waits for audio that its voice does not send, and nothing is to be heard. */
  stalled(atMs: number): boolean {
    const stream = this.#stream;
    return stream !== undefined && !stream.queue.empty && stream.playback.leadMs(atMs) <= 0;
  }

  get full(): boolean {
    return this.#stream?.queue.full ?? false;
  }

  ownDbfs(atMs: number): number {
    return this.#stream?.queue.ownDbfs(atMs) ?? -100;
  }

  pump(atMs: number): void {
    this.#stream?.queue.pump(atMs);
  }

  nextReply(): number {
    return (this.#replies += 1);
  }

  /** Returns the length of the prompt in ms. */
  sayPrompt(name: PromptName, atMs: number, role: PieceRole = 'prompt'): number {
    const { text, mulaw } = this.#prompts.get(name);
    this.sayWhole({ text, mulaw, role }, atMs);
    return mulaw.length / SAMPLES_PER_MS;
  }

  /** Plays audio that is already complete. */
  sayWhole(what: { text: string; mulaw: Uint8Array; role: PieceRole }, atMs: number): void {
    const piece = this.open(
      { reply: this.nextReply(), speaker: 'assistant', text: what.text, role: what.role },
      atMs,
    );
    this.push(piece, what.mulaw, atMs);
    this.complete(piece, atMs);
  }

  /** Opens a piece behind all others; returns its number. `playoutDelayMs`: of its voice; undefined: unknown. */
  open(what: Omit<Piece, 'piece'>, atMs: number, playoutDelayMs?: number): number {
    const piece = (this.#pieces += 1);
    const stream = this.#stream;
    if (!stream) return piece;
    stream.queue.open({ piece, ...what }, atMs, playoutDelayMs);
    this.#lengths.set(piece, 0);
    if (what.role === 'reply' || what.role === 'greeting') {
      const { text, continues, spoken } = what;
      const part = { piece, text, continues, playback: stream.playback, spoken };
      this.#conversation.piece(what.reply, what.speaker, part, atMs);
    }
    return piece;
  }

  /** The words of a piece so far: they arrive with its audio. The journal has them after each sentence, and with `saveWords`. */
  words(piece: number, text: string, atMs: number): void {
    if (!this.#stream) return;
    this.#conversation.words(piece, text);
    this.#newWords.set(piece, text);
    if (SENTENCE_END.test(text)) this.saveWords(atMs);
  }

  saveWords(atMs: number): void {
    for (const [piece, text] of this.#newWords)
      this.#journal.append({ kind: 'piece-words', atMs, piece, text });
    this.#newWords.clear();
  }

  push(piece: number, mulaw: Uint8Array, atMs: number): void {
    const length = this.#lengths.get(piece);
    if (length === undefined) return;
    this.#lengths.set(piece, length + mulaw.length);
    this.#stream?.queue.push(piece, mulaw, atMs);
  }

  /** All audio of a piece was pushed. */
  complete(piece: number, atMs: number, words: PieceWords = {}): void {
    const length = this.#lengths.get(piece);
    if (length === undefined) return;
    this.#lengths.delete(piece);
    this.#newWords.delete(piece);
    this.#conversation.complete(piece, length, words);
    const { spoken, anchors } = words;
    // Not all of it may be sent: what is heard of it can be told only by its length.
    if (spoken !== undefined && anchors)
      this.#journal.append({ kind: 'piece-words', atMs, piece, text: spoken, samples: length, anchors });
    this.#stream?.queue.complete(piece, atMs, spoken);
  }

  /** The words and the length of a piece that was cut before all of its audio had arrived. */
  cutWords(piece: number, { samples, text, anchors }: CutWords, atMs: number): void {
    this.#conversation.complete(piece, samples, { spoken: text, anchors });
    this.#journal.append({ kind: 'piece-words', atMs, piece, text, samples, anchors });
  }

  /** Ends a piece that is not whole. */
  breakOff(piece: number, atMs: number): void {
    this.saveWords(atMs);
    if (this.#lengths.delete(piece)) this.#stream?.queue.breakOff(piece, atMs);
  }

  /** The samples of a piece that were heard up to `atMs`. */
  heardSamples(piece: number, atMs: number): number {
    return this.#stream?.playback.heard(piece, atMs).heardSamples ?? 0;
  }

  /** Stops all output at once; what was not heard yet is dropped. */
  cut(atMs: number): void {
    this.saveWords(atMs);
    this.#stream?.queue.clear(atMs);
    this.#lengths.clear();
  }
}
