import type { PlaceInResponse, TextAnchor } from '../../events/call-events.ts';
import type { Speaker } from '../../events/speaker.ts';
import { cutText, joinHeard, withCutMark } from '../playback/heard-text.ts';
import type { Playback } from '../playback/playback.ts';
import type { PieceWords } from '../playback/piece-words.ts';
import type { ConversationEntry, ConversationTurn, SpokenPlace } from '../ports.ts';

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
  readonly spoken?: PlaceInResponse | undefined;
  anchors?: readonly TextAnchor[] | undefined;
  totalSamples?: number;
}

/** How a conversation was interrupted that continues in another process. */
export interface TalkInterruption {
  /** Its machine handed the call over between two turns: the caller has noticed little. */
  readonly moved?: boolean | undefined;
  /** What the caller said last has no text. */
  readonly lacksText?: boolean | undefined;
}

type Entry =
  | { readonly kind: 'utterance'; readonly speaker: Speaker; readonly turn: number; text?: string }
  /** `id`: as in `ConversationEntry`. */
  | {
      readonly kind: 'fixed';
      readonly id: string;
      readonly said: ConversationTurn;
      readonly spoken?: SpokenPlace | undefined;
      /** Its model did not say its words. */
      readonly isWordless?: boolean;
      /** When the key was pressed, in call milliseconds. */
      readonly keyMs?: number | undefined;
    }
  | {
      readonly kind: 'reply';
      readonly reply: number;
      readonly speaker: Speaker;
      readonly parts: SpokenPart[];
    };

/** The conversation so far; the assistant's words only as far as they were heard. */
export class Conversation {
  readonly interruption: TalkInterruption;
  #entries: Entry[] = [];
  #notes = 0;

  /** `before`: the conversation in an earlier process. */
  constructor(before: readonly ConversationTurn[] = [], interruption: TalkInterruption = {}) {
    this.interruption = interruption;
    this.#entries = before.map((said) => this.#note(said));
  }

  /** `startMs`: of its speech, in call milliseconds. Keys that were pressed after that follow it. */
  utterance(turn: number, atMs: number, speaker: Speaker = 'caller', startMs = Infinity): void {
    const later = this.#entries.findLastIndex((one) => !isKeyAfter(one, startMs)) + 1;
    const keys = this.#entries.splice(later);
    this.#add({ kind: 'utterance', speaker, turn }, atMs);
    this.#entries.push(...keys);
  }

  /** An operator's instruction to the assistant. */
  guidance(text: string, atMs: number): void {
    this.#add(this.#note({ speaker: 'guidance', text }), atMs);
  }

  /** Sets the text of an utterance. */
  text(turn: number, text: string): void {
    const entry = this.#entries.find((one) => one.kind === 'utterance' && one.turn === turn);
    if (entry?.kind === 'utterance') entry.text = text;
  }

  /** `keyMs`: when it was pressed, in call milliseconds. */
  key(digit: string, atMs: number, keyMs?: number): void {
    this.#add(this.#note({ speaker: 'caller', text: `[pressed ${digit}]` }, keyMs), atMs);
  }

  piece(reply: number, speaker: Speaker, part: SpokenPart, atMs: number): void {
    const last = this.#entries.findLast((one) => one.kind === 'reply' && one.reply === reply);
    if (last?.kind === 'reply') last.parts.push(part);
    else this.#add({ kind: 'reply', reply, speaker, parts: [part] }, atMs);
  }

  /** A piece was synthesised completely: its whole length is known. */
  complete(piece: number, totalSamples: number, { spoken, anchors }: PieceWords = {}): void {
    const part = this.#part(piece);
    if (!part) return;
    part.totalSamples = totalSamples;
    part.text = spoken ?? part.text;
    part.anchors = anchors;
  }

  /** The words of a piece so far, which arrive with its audio. */
  words(piece: number, text: string): void {
    const part = this.#part(piece);
    if (part) part.text = text;
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

  /** All entries in order, as heard up to `atMs`, for a model with a memory of its own. */
  entries(atMs: number): ConversationEntry[] {
    const entries = this.#entries.map((entry) => entryOf(entry, atMs));
    return entries.filter(({ text }) => text !== '');
  }

  /** Whether a word of the reply was heard up to `atMs`. True for a reply of which nothing was sent, or that is older than the last stream. */
  wasHeard(reply: number, atMs: number): boolean {
    const entry = this.#entries.findLast((one) => one.kind === 'reply' && one.reply === reply);
    return entry === undefined || entryOf(entry, atMs).text !== '';
  }

  /** As `said`, with words of the caller whose turn is not over. */
  saidWith(text: string, atMs: number): ConversationTurn[] {
    const said: ConversationTurn[] = [...this.said(atMs), { speaker: 'caller', text }];
    return said.slice(-REMEMBERED);
  }

  /** The stream has ended: makes the heard text of all replies final. */
  fix(atMs: number): void {
    this.#entries = this.#entries.map((entry) => (entry.kind === 'reply' ? fixed(entry, atMs) : entry));
  }

  #part(piece: number): SpokenPart | undefined {
    return this.#entries
      .flatMap((entry) => (entry.kind === 'reply' ? entry.parts : []))
      .find((part) => part.piece === piece);
  }

  #note(said: ConversationTurn, keyMs?: number): Entry {
    return { kind: 'fixed', id: `note ${(this.#notes += 1)}`, said, keyMs };
  }

  #add(entry: Entry, atMs: number): void {
    this.#entries.push(entry);
    if (this.#entries.length > REMEMBERED) this.#entries.shift();
    const old = this.#entries.at(-MUTABLE_ENTRIES);
    if (old?.kind === 'reply') this.#entries[this.#entries.length - MUTABLE_ENTRIES] = fixed(old, atMs);
  }
}

type ReplyEntry = Extract<Entry, { kind: 'reply' }>;
type FixedEntry = Extract<Entry, { kind: 'fixed' }>;

function fixed(entry: ReplyEntry, atMs: number): FixedEntry {
  return {
    kind: 'fixed',
    id: `reply ${entry.reply}`,
    said: heard(entry, atMs),
    spoken: spokenPlace(entry, atMs),
    isWordless: entry.parts.every(({ text }) => text === ''),
  };
}

function entryOf(entry: Entry, atMs: number): ConversationEntry {
  if (entry.kind === 'utterance')
    return { id: `turn ${entry.turn}`, speaker: entry.speaker, text: entry.text };
  const { id, said, spoken, isWordless } = entry.kind === 'reply' ? fixed(entry, atMs) : entry;
  const isUnknown = isWordless && spoken !== undefined && spoken.heardSamples > 0;
  return { id, speaker: said.speaker, text: isUnknown ? undefined : said.text, spoken };
}

/** How much of a response of a speech-to-speech model was heard. Undefined for a reply that others spoke, also if only its rest. */
function spokenPlace({ parts }: ReplyEntry, atMs: number): SpokenPlace | undefined {
  const request = parts[0]?.spoken?.request;
  if (request === undefined || parts.some(({ spoken }) => spoken === undefined)) return undefined;
  const ends = parts.map(({ spoken, playback, piece }) => {
    const { heardSamples } = playback.heard(piece, atMs);
    return spoken === undefined || heardSamples === 0 ? 0 : spoken.fromSample + heardSamples;
  });
  return { request, heardSamples: Math.max(...ends) };
}

function heard(entry: Entry, atMs: number): ConversationTurn {
  if (entry.kind === 'fixed') return entry.said;
  if (entry.kind === 'utterance') return { speaker: entry.speaker, text: entry.text ?? '' };
  const cuts = entry.parts.map((part) => {
    const played = part.playback.heard(part.piece, atMs);
    const cut = cutText(part.text, played.heardSamples, part.totalSamples, played.sentSamples, part.anchors);
    return { piece: part.piece, text: part.text, continues: part.continues, ...cut };
  });
  const text = joinHeard(cuts).heard;
  const isCut = cuts.at(-1)?.unheard !== '';
  return { speaker: entry.speaker, text: isCut ? withCutMark(text) : text };
}

function isKeyAfter(entry: Entry, startMs: number): boolean {
  return entry.kind === 'fixed' && entry.keyMs !== undefined && entry.keyMs > startMs;
}
