import type { Speaker } from '../../events/speaker.ts';
import { cutText, joinHeard, withCutMark } from '../playback/heard-text.ts';
import type { Playback } from '../playback/playback.ts';
import type { ConversationTurn } from '../ports.ts';

/** The chat model gets at most this many of the latest entries. */
const REMEMBERED = 80;
/** A reply this many entries back cannot be playing any more: its heard text is final. */
const MUTABLE_ENTRIES = 6;

interface SpokenPart {
  readonly piece: number;
  text: string;
  readonly playback: Playback;
  /** The piece that this one continues. */
  readonly continues?: number | undefined;
  totalSamples?: number;
}

type Entry =
  | { readonly kind: 'utterance'; readonly speaker: Speaker; readonly turn: number; text?: string }
  | { readonly kind: 'fixed'; readonly said: ConversationTurn }
  | {
      readonly kind: 'reply';
      readonly reply: number;
      readonly speaker: Speaker;
      readonly parts: SpokenPart[];
    };

/** The conversation so far; the assistant's words only as far as they were heard. */
export class Conversation {
  #entries: Entry[] = [];

  /** `before`: the conversation in an earlier process. */
  constructor(before: readonly ConversationTurn[] = []) {
    this.#entries = before.map((said) => ({ kind: 'fixed', said }));
  }

  utterance(turn: number, atMs: number, speaker: Speaker = 'caller'): void {
    this.#add({ kind: 'utterance', speaker, turn }, atMs);
  }

  /** An operator's instruction to the assistant. */
  guidance(text: string, atMs: number): void {
    this.#add({ kind: 'fixed', said: { speaker: 'guidance', text } }, atMs);
  }

  /** Sets the text of an utterance. */
  text(turn: number, text: string): void {
    const entry = this.#entries.find((one) => one.kind === 'utterance' && one.turn === turn);
    if (entry?.kind === 'utterance') entry.text = text;
  }

  key(digit: string, atMs: number): void {
    this.#add({ kind: 'fixed', said: { speaker: 'caller', text: `[pressed ${digit}]` } }, atMs);
  }

  piece(reply: number, speaker: Speaker, part: SpokenPart, atMs: number): void {
    const last = this.#entries.findLast((one) => one.kind === 'reply' && one.reply === reply);
    if (last?.kind === 'reply') last.parts.push(part);
    else this.#add({ kind: 'reply', reply, speaker, parts: [part] }, atMs);
  }

  /** A piece was synthesised completely: its whole length is known. `spoken`: its words, if they are not its text. */
  complete(piece: number, totalSamples: number, spoken?: string): void {
    for (const entry of this.#entries) {
      const part = entry.kind === 'reply' ? entry.parts.find((one) => one.piece === piece) : undefined;
      if (!part) continue;
      part.totalSamples = totalSamples;
      part.text = spoken ?? part.text;
    }
  }

  /** All entries with words, in order, as heard up to `atMs`. */
  said(atMs: number): ConversationTurn[] {
    const said: ConversationTurn[] = [];
    for (const entry of this.#entries) {
      const one = heard(entry, atMs);
      if (one.text) said.push(one);
    }
    return said;
  }

  /** Whether a word of the reply was heard up to `atMs`. True for a reply of which nothing was sent, or that is older than the last stream. */
  wasHeard(reply: number, atMs: number): boolean {
    const entry = this.#entries.findLast((one) => one.kind === 'reply' && one.reply === reply);
    return entry === undefined || heard(entry, atMs).text !== '';
  }

  /** As `said`, with words of the caller whose turn is not over. */
  saidWith(text: string, atMs: number): ConversationTurn[] {
    const said: ConversationTurn[] = [...this.said(atMs), { speaker: 'caller', text }];
    return said.slice(-REMEMBERED);
  }

  /** The stream has ended: makes the heard text of all replies final. */
  fix(atMs: number): void {
    this.#entries = this.#entries.map((entry) =>
      entry.kind === 'reply' ? { kind: 'fixed', said: heard(entry, atMs) } : entry,
    );
  }

  #add(entry: Entry, atMs: number): void {
    this.#entries.push(entry);
    if (this.#entries.length > REMEMBERED) this.#entries.shift();
    const old = this.#entries.at(-MUTABLE_ENTRIES);
    if (old?.kind === 'reply') {
      this.#entries[this.#entries.length - MUTABLE_ENTRIES] = { kind: 'fixed', said: heard(old, atMs) };
    }
  }
}

function heard(entry: Entry, atMs: number): ConversationTurn {
  if (entry.kind === 'fixed') return entry.said;
  if (entry.kind === 'utterance') return { speaker: entry.speaker, text: entry.text ?? '' };
  const cuts = entry.parts.map((part) => {
    const played = part.playback.heard(part.piece, atMs);
    const cut = cutText(part.text, played.heardSamples, part.totalSamples, played.sentSamples);
    return { piece: part.piece, text: part.text, continues: part.continues, ...cut };
  });
  const text = joinHeard(cuts).heard;
  const isCut = cuts.at(-1)?.unheard !== '';
  return { speaker: entry.speaker, text: isCut ? withCutMark(text) : text };
}
