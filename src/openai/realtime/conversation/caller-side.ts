import type { ServiceError } from '../../../call/ports.ts';
import type { InputFormat } from '../input-messages.ts';
import type { RealtimeError } from '../event-fields.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import { RequestedText, type TextTiming } from '../requested-text.ts';
import { SessionInput } from '../session-input.ts';
import type { UtteranceEvent } from '../transcription/transcription-events.ts';
import { type ConversationMemory, turnKey } from './conversation-memory.ts';
import { type HeardUtterance, HeardUtterances } from './heard-utterances.ts';
import type { SessionLink } from './session-link.ts';

/** After so many failures in a row the session is not asked for texts any more. */
const MAX_FAILED_TEXTS = 2;

export interface CallerSideOptions {
  readonly link: SessionLink;
  readonly memory: ConversationMemory;
  /** Of texts of what the caller said. */
  readonly failures: RealtimeFailures;
  readonly timing: TextTiming;
  /** Whether the session is asked for texts. */
  readonly transcribes: boolean;
}

/** The caller's side of a conversation: audio, utterances and their texts. */
export class CallerSide {
  readonly #options: CallerSideOptions;
  readonly #input: SessionInput;
  readonly #utterances = new HeardUtterances();
  /** The utterance before the last pause. The caller may still go on with it. */
  #last: HeardUtterance | undefined;
  #transcribes: boolean;
  #failedTexts = 0;
  #numbered = 0;

  constructor(options: CallerSideOptions) {
    this.#options = options;
    this.#transcribes = options.transcribes;
    this.#input = new SessionInput((message) => options.link.send(message));
  }

  /** Whether the session is asked for texts. */
  get transcribes(): boolean {
    return this.#transcribes;
  }

  /** True if an utterance was committed and the caller may still go on with it: it is no turn yet. */
  get hasOpenUtterance(): boolean {
    return this.#last !== undefined;
  }

  /** Commits without an answer of the server. */
  get unanswered(): number {
    return this.#utterances.unanswered;
  }

  /** Texts that are still to come. */
  get pendingTexts(): RequestedText[] {
    return this.#utterances.all.flatMap(({ text }) => (text?.isPending ? [text] : []));
  }

  /** The format to request of the server. */
  get format(): InputFormat {
    return this.#input.format;
  }

  /** The server refuses the format. Returns false if there is no other one. */
  formatRefused(): boolean {
    return this.#input.refused();
  }

  /** The server does not transcribe. Returns false if that was known. */
  transcriptionRefused(): boolean {
    const was = this.#transcribes;
    this.#transcribes = false;
    return was;
  }

  /** The session is configured. For PCM, `loadResampler` must have been awaited. */
  begin(format: 'mulaw' | 'pcm'): void {
    this.#input.begin(format);
  }

  /** More audio of the utterance in progress: μ-law at 8,000 Hz. */
  append(mulaw: Uint8Array): void {
    if (mulaw.length > 0) this.#input.append(mulaw);
  }

  /** The utterance in progress may be complete. Returns its text, which is still to come; undefined: the session gives none. */
  commit(): RequestedText | undefined {
    const { timing, failures } = this.#options;
    const late = (): void => this.#textFailed(utterance, failures.late('no text in time'));
    const text = this.#transcribes ? new RequestedText(timing, late) : undefined;
    const label = `${COMMIT}${(this.#numbered += 1)}`;
    const utterance: HeardUtterance = { label, item: { parts: [] }, text };
    this.#last = utterance;
    this.#utterances.add(utterance);
    this.#input.commit(label);
    return text;
  }

  /** The caller goes on: the utterance will be appended again from its beginning. */
  goOn(): void {
    if (this.#last) this.#options.memory.drop(this.#last.item);
    this.#last = undefined;
  }

  /** The utterance before the last pause is this turn. */
  finished(turn: number): void {
    if (this.#last) this.#options.memory.add(turnKey(turn), this.#last.item);
    this.#last = undefined;
  }

  /** What was appended since the last commit is dropped. */
  clear(): void {
    this.#input.clear();
  }

  take(event: UtteranceEvent): void {
    const { link } = this.#options;
    switch (event.kind) {
      case 'committed':
        return this.#committed(event.item);
      case 'text':
        return this.#ofItem(event.item, (utterance) => {
          this.#failedTexts = 0;
          utterance.text?.complete(event.text);
        });
      case 'failed':
        return this.#ofItem(event.item, (utterance) =>
          this.#textFailed(utterance, this.#options.failures.said(event.error)),
        );
      case 'partial':
        return this.#ofItem(event.item, ({ text }) => text?.progress());
      case 'unusable':
        return link.ignore(event.reason);
      case 'unneeded':
        return undefined;
    }
  }

  /** The server refused a message. Returns false if it was no commit. */
  refused(label: string, error: RealtimeError): boolean {
    if (!label.startsWith(COMMIT)) return false;
    const utterance = this.#utterances.refused(label);
    if (utterance) this.#textFailed(utterance, this.#options.failures.said(error));
    if (this.#last === utterance) this.#last = undefined;
    return true;
  }

  /** The session is over. */
  close(error: ServiceError): void {
    this.#input.close();
    for (const text of this.pendingTexts) text.fail(error);
  }

  #committed(item: string): void {
    const { link, memory } = this.#options;
    const utterance = this.#utterances.committed(item);
    if (utterance === undefined) return link.ignore('a commit that was not requested');
    utterance.text?.progress();
    return memory.named(utterance.item, item);
  }

  #ofItem(item: string, use: (utterance: HeardUtterance) => void): void {
    const { link } = this.#options;
    const utterance = this.#utterances.of(item);
    if (utterance === undefined) return link.ignore('a text of an unknown item');
    link.useful();
    return use(utterance);
  }

  #textFailed({ text }: HeardUtterance, error: ServiceError): void {
    if (!text?.isPending) return;
    this.#failedTexts += 1;
    if (this.#failedTexts >= MAX_FAILED_TEXTS) this.#transcribes = false;
    text.fail(error);
  }
}

/** The beginning of the labels of commits. */
const COMMIT = 'commit-';
