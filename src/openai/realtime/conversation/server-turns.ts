import type { HeardTurn, LineListener, VoicedTime } from '../../../call/line-listener.ts';
import type { ServiceError, TextRequest } from '../../../call/ports.ts';
import type { RealtimeError } from '../event-fields.ts';
import type { RequestedText } from '../requested-text.ts';
import type { SessionInput } from '../session-input.ts';
import type { UtteranceEvent } from '../transcription/transcription-events.ts';
import type { CallerTexts, TextEvent } from './caller-texts.ts';
import { Changes } from './changes.ts';
import type { SpeechEvent } from './conversation-messages.ts';
import { type ConversationMemory, turnKey } from './conversation-memory.ts';
import { type DetectedItem, DetectedItems, isEnded, joined } from './detected-items.ts';
import { LineInput } from './line-input.ts';
import { allTexts, type LineUtterance, LineUtterances } from './line-utterances.ts';
import type { SessionLink } from './session-link.ts';

/** The server may find the end of a voice so much earlier than our turn detector. */
const EARLIER_MS = 200;

export interface ServerTurnsOptions {
  readonly link: SessionLink;
  readonly memory: ConversationMemory;
  readonly texts: CallerTexts;
  readonly input: SessionInput;
}

/**
 * The caller's line in a session whose server decides where turns end. Our turn detector says which stretches are utterances: the
 * server's items that overlap one are its parts, whenever they come; all others are strays: echo, noises.
 */
export class ServerTurns implements LineListener {
  readonly #options: ServerTurnsOptions;
  readonly #line: LineInput;
  readonly #items = new DetectedItems();
  readonly #utterances = new LineUtterances();
  readonly #changes = new Changes();
  #endedWith: ServiceError | undefined;
  #numbered = 0;

  constructor(options: ServerTurnsOptions) {
    this.#options = options;
    this.#line = new LineInput(options.input);
  }

  /** True if the server has an item of an utterance that is no turn yet. */
  get hasOpenUtterance(): boolean {
    const { open } = this.#utterances;
    return open !== undefined && this.#itemsOf(open).some(({ isCommitted }) => isCommitted);
  }

  /** Texts that are still to come. */
  get pendingTexts(): RequestedText[] {
    return this.#items.all.flatMap(({ text }) => (text?.isPending ? [text] : []));
  }

  /** The words of the utterance in progress so far. */
  get partialText(): string | undefined {
    const { open } = this.#utterances;
    return open && (joined(this.#itemsOf(open).map(({ words }) => words)) || undefined);
  }

  hear(fromMs: number, mulaw: Uint8Array): void {
    this.#line.hear(fromMs, mulaw);
  }

  turnOf(voiced: VoicedTime): HeardTurn {
    const items = this.#items.within(voiced);
    if (items.some(({ isCommitted }) => !isCommitted)) return 'open';
    const heardMs = Math.max(...items.map(({ endMs }) => endMs ?? 0));
    return heardMs >= voiced.endMs - EARLIER_MS ? 'over' : 'unheard';
  }

  /** The caller has been speaking for so long. */
  begins(lengthMs: number): void {
    this.#utterances.begin(this.#line.endMs - lengthMs);
  }

  /** The caller pauses after this speech. Returns what requests the text of its utterance; undefined: there is none, or it has failed. */
  paused(speech: Uint8Array, voiced: VoicedTime): TextRequest | undefined {
    const utterance = this.#utterances.paused(speech, voiced);
    const { available } = this.#options.texts;
    const mayCome = available || this.#itemsOf(utterance).some(({ text }) => text !== undefined);
    return mayCome && !utterance.hasFailed ? (signal) => this.#textOf(utterance, signal) : undefined;
  }

  /** The utterance, as it was at its last pause, is this turn. What the server has not committed is committed now, also if it has heard its end. */
  finished(turn: number): void {
    const utterance = this.#utterances.finish(turn);
    if (utterance === undefined) return;
    const items = this.#items.within(utterance);
    const open = items.find(({ isCommitted }) => !isCommitted);
    if (open) {
      open.endMs ??= this.#line.endMs;
      this.#line.commit(this.#labelled(open));
    } else if (items.length === 0) {
      const { speech, startMs, endMs } = utterance;
      const item = this.#items.add({ id: undefined, startMs, endMs });
      this.#line.commitSpeech(speech, endMs, this.#labelled(item));
    }
    for (const item of this.#items.within(utterance)) this.#claim(utterance, item);
    this.#changes.happened();
  }

  /** The utterance in progress is no turn. */
  discard(): void {
    const { open } = this.#utterances;
    if (open) this.#utterances.drop(open);
  }

  /** Deletes what the server has of the line beside the utterances. */
  dropStrays(): void {
    for (const item of this.#items.all)
      if (item.isCommitted && !item.isDropped && this.#utterances.of(item) === undefined) this.#drop(item);
  }

  /** The server does not decide after all. Returns the utterances that it was to hear; their texts are those of `sent`. */
  takeUtterances(): readonly LineUtterance[] {
    for (const { text } of this.#items.all) text?.complete('');
    return this.#utterances.all.filter(({ speech }) => speech.length > 0);
  }

  take(event: Exclude<UtteranceEvent, { kind: 'unusable' | 'unneeded' }> | SpeechEvent): void {
    if (event.kind === 'speech-started') this.#started(event);
    else if (event.kind === 'speech-stopped') this.#stopped(event);
    else if (event.kind === 'committed') this.#committed(event.item);
    else this.#text(event);
    this.#changes.happened();
  }

  /** The server refused our commit with this label. */
  refused(label: string, error: RealtimeError): void {
    const { texts } = this.#options;
    const item = this.#items.labelled(label);
    if (item === undefined) return;
    const utterance = this.#utterances.of(item);
    this.#items.remove(item);
    texts.fail(item.text, texts.failures.said(error));
    if (utterance && this.#itemsOf(utterance).length === 0) utterance.item.isMissing = true;
    this.#changes.happened();
  }

  /** The session is over. */
  close(error: ServiceError): void {
    this.#endedWith = error;
    for (const text of this.pendingTexts) text.fail(error);
    this.#changes.happened();
  }

  #started({ item: id, atMs }: SpeechEvent): void {
    if (this.#items.of(id)) return this.#options.link.ignore('the start of known speech');
    // The server has forgotten what it heard before.
    if (this.#items.open) this.#items.remove(this.#items.open);
    this.#items.add({ id, startMs: this.#line.placed(atMs, this.#items.endMs) });
  }

  #stopped({ item: id, atMs }: SpeechEvent): void {
    const item = this.#items.of(id);
    if (item === undefined || item.isCommitted) return;
    if (item.label !== undefined) {
      // The server has ended it before our commit, which has become an item of the rest, or is refused.
      const { label, endMs = item.startMs } = item;
      item.label = undefined;
      this.#items.add({ id: undefined, label, startMs: endMs, endMs });
    }
    item.endMs ??= this.#line.placed(atMs, item.startMs);
  }

  #committed(id: string): void {
    const known = this.#items.of(id);
    if (known?.isCommitted) return this.#options.link.ignore('an item that was committed before');
    const item = this.#itemOf(id, known) ?? this.#items.add({ id, startMs: this.#items.endMs });
    item.endMs ??= this.#line.endMs;
    item.isCommitted = true;
    item.text ??= this.#request(item);
    item.text?.progress();
    const owner = this.#utterances.of(item);
    if (owner) this.#claim(owner, item);
  }

  /** What was committed. Speech that has not stopped is committed by us alone. */
  #itemOf(id: string, known: DetectedItem | undefined): DetectedItem | undefined {
    const own = known?.endMs === undefined ? this.#items.unanswered : undefined;
    if (own === undefined) return known;
    const { open } = this.#items;
    if (open === undefined || open.startMs > own.endMs!) return Object.assign(own, { id });
    this.#items.remove(own);
    return Object.assign(open, { id, label: own.label, text: own.text });
  }

  #text(event: TextEvent): void {
    const { link, texts } = this.#options;
    const item = this.#items.of(event.item);
    if (item === undefined) return link.ignore('a text of an unknown item');
    link.useful();
    return texts.take(event, item, this.#utterances.of(item) !== undefined);
  }

  /** The item is a part of this utterance, or has a part of it. */
  #claim({ turn, item: memory }: LineUtterance, item: DetectedItem): void {
    if (turn === undefined) return;
    const isOwn = item.isCommitted && this.#utterances.of(item)?.item === memory;
    // The words are there as a text.
    if (!this.#options.memory.claim(turnKey(turn), memory, isOwn ? item.id : undefined)) this.#drop(item);
  }

  #drop(item: DetectedItem): void {
    item.isDropped = true;
    if (item.id !== undefined) this.#options.memory.delete(item.id);
  }

  /** Our own commit of this item. Returns its label. */
  #labelled(item: DetectedItem): string {
    item.text = this.#request(item);
    return (item.label = `${COMMIT}${(this.#numbered += 1)}`);
  }

  #request(item: DetectedItem): RequestedText | undefined {
    const text = this.#options.texts.request(() => this.#utterances.of(item) !== undefined);
    const settled = (): void => this.#options.link.settled();
    text?.text.then(settled, settled);
    return text;
  }

  /** Their words in order, once all of them are known. */
  async #textOf(utterance: LineUtterance, signal: AbortSignal): Promise<string> {
    while (!signal.aborted) {
      if (utterance.sent) return utterance.sent.text;
      if (this.#endedWith) throw this.#endedWith;
      if (utterance.turn === undefined && this.turnOf(utterance) !== 'over') {
        await this.#changes.next(signal);
        continue;
      }
      // What the server begins to hear after the end of the turn is not waited for.
      const items = this.#itemsOf(utterance).filter(isEnded);
      const { failures } = this.#options.texts;
      if (items.length === 0) throw failures.of('the server has heard none of it');
      if (items.some(({ text }) => text === undefined)) throw failures.of('the session gives no texts');
      const words = await allTexts(utterance, items);
      if (!utterance.sent && this.#itemsOf(utterance).filter(isEnded).length === items.length)
        return joined(words);
    }
    return '';
  }

  #itemsOf(utterance: LineUtterance): DetectedItem[] {
    return this.#items.all.filter((item) => !item.isDropped && this.#utterances.of(item) === utterance);
  }
}

/** The beginning of the labels of commits. */
const COMMIT = 'commit-';
