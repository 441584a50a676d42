import type { ServiceError } from '../../../call/ports.ts';
import type { InputFormat } from '../input-messages.ts';
import type { RealtimeError } from '../event-fields.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import type { RequestedText, TextTiming } from '../requested-text.ts';
import { SessionInput } from '../session-input.ts';
import type { UtteranceEvent } from '../transcription/transcription-events.ts';
import { CallerTexts } from './caller-texts.ts';
import { type ConversationMemory, turnKey } from './conversation-memory.ts';
import type { SpeechEvent, TurnDetection } from './conversation-messages.ts';
import { type CommittedUtterance, CommittedUtterances } from './committed-utterances.ts';
import { ServerTurns } from './server-turns.ts';
import type { SessionLink } from './session-link.ts';

export interface CallerSideOptions {
  readonly link: SessionLink;
  readonly memory: ConversationMemory;
  /** Of texts of what the caller said. */
  readonly failures: RealtimeFailures;
  readonly timing: TextTiming;
  /** Whether the session is asked for texts. */
  readonly transcribes: boolean;
  /** Whether the server is asked to decide where turns end. */
  readonly serverTurns: boolean;
}

/** The caller's side of a conversation: audio, utterances and their texts. */
export class CallerSide {
  readonly #options: CallerSideOptions;
  readonly #input: SessionInput;
  readonly #utterances = new CommittedUtterances();
  /** The utterance before the last pause. The caller may still go on with it. */
  #last: CommittedUtterance | undefined;
  readonly #texts: CallerTexts;
  #detection: TurnDetection | undefined;
  #turns: ServerTurns | undefined;
  #numbered = 0;

  constructor(options: CallerSideOptions) {
    this.#options = options;
    const { link, memory, failures, timing, transcribes, serverTurns } = options;
    this.#texts = new CallerTexts(failures, timing, transcribes);
    this.#input = new SessionInput((message) => link.send(message));
    if (!serverTurns) return;
    this.#detection = 'semantic_vad';
    this.#turns = new ServerTurns({ link, memory, texts: this.#texts, input: this.#input });
  }

  /** Whether the session is asked for texts. */
  get transcribes(): boolean {
    return this.#texts.available;
  }

  /** The line, if the server decides where turns end, as far as is known. Otherwise the utterances are appended and committed here. */
  get turns(): ServerTurns | undefined {
    return this.#turns;
  }

  /** How the server is asked to decide where turns end. */
  get detection(): TurnDetection | undefined {
    return this.#detection;
  }

  /** True if the server has an utterance that is no turn yet: the caller may still go on with it. */
  get hasOpenUtterance(): boolean {
    return this.#turns?.hasOpenUtterance ?? this.#last !== undefined;
  }

  /** Commits without an answer of the server. */
  get unanswered(): number {
    return this.#utterances.unanswered;
  }

  /** Texts that are still to come. */
  get pendingTexts(): RequestedText[] {
    const own = this.#utterances.all.flatMap(({ text }) => (text?.isPending ? [text] : []));
    return [...own, ...(this.#turns?.pendingTexts ?? [])];
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
    return this.#texts.refused();
  }

  /** The server refuses to decide where turns end, in this way. Returns false if that was known. */
  detectionRefused(): boolean {
    const was = this.#detection;
    this.#detection = was === 'semantic_vad' ? 'server_vad' : undefined;
    return was !== undefined;
  }

  /** The session is configured. `detectsTurns`: the server decides where they end. For PCM, `loadResampler` must have been awaited. */
  begin(format: 'mulaw' | 'pcm', detectsTurns: boolean): void {
    if (!detectsTurns) this.#useOwnDetector();
    this.#input.begin(format);
  }

  /** Deletes what the server has of the line beside the caller's utterances. */
  dropStrays(): void {
    this.#turns?.dropStrays();
  }

  /** More audio of the utterance in progress: μ-law at 8,000 Hz. */
  append(mulaw: Uint8Array): void {
    if (mulaw.length > 0) this.#input.append(mulaw);
  }

  /** The utterance in progress may be complete. Returns its text, which is still to come; undefined: the session gives none. */
  commit(): RequestedText | undefined {
    // The same utterance, whose text is requested once more.
    this.goOn();
    const text = this.#texts.request();
    const settled = (): void => this.#options.link.settled();
    text?.text.then(settled, settled);
    const label = `${COMMIT}${(this.#numbered += 1)}`;
    const utterance: CommittedUtterance = { label, item: { parts: [] }, text };
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

  take(event: UtteranceEvent | SpeechEvent): void {
    const { link } = this.#options;
    if (this.#turns && event.kind !== 'unusable' && event.kind !== 'unneeded') return this.#turns.take(event);
    switch (event.kind) {
      case 'committed':
        return this.#committed(event.item);
      case 'text':
        return this.#ofItem(event.item, ({ text }) => this.#texts.complete(text, event.text));
      case 'failed':
        return this.#ofItem(event.item, ({ text }) =>
          this.#texts.fail(text, this.#texts.failures.said(event.error)),
        );
      case 'partial':
        return this.#ofItem(event.item, ({ text }) => text?.progress());
      case 'unusable':
        return link.ignore(event.reason);
      case 'speech-started':
      case 'speech-stopped':
      case 'unneeded':
        return undefined;
    }
  }

  /** The server refused a message. Returns false if it was no commit. */
  refused(label: string, error: RealtimeError): boolean {
    if (!label.startsWith(COMMIT)) return false;
    if (this.#turns) {
      this.#turns.refused(label, error);
      return true;
    }
    const utterance = this.#utterances.refused(label);
    this.#texts.fail(utterance?.text, this.#texts.failures.said(error));
    if (utterance) utterance.item.isMissing = true;
    if (this.#last === utterance) this.#last = undefined;
    return true;
  }

  /** The session is over. */
  close(error: ServiceError): void {
    this.#input.close();
    for (const text of this.pendingTexts) text.fail(error);
    this.#turns?.close(error);
  }

  /** Our turn detector decides: what was said meanwhile is appended and committed. */
  #useOwnDetector(): void {
    if (this.#turns === undefined) return;
    const said = this.#turns.takeUtterances();
    this.#turns = undefined;
    // The line was to be appended; an utterance that is still spoken is appended from its beginning.
    this.#input.restart();
    for (const utterance of said) {
      this.append(utterance.speech);
      utterance.sent = this.commit();
      if (utterance.turn !== undefined) this.finished(utterance.turn);
    }
  }

  #committed(item: string): void {
    const { link, memory } = this.#options;
    const utterance = this.#utterances.committed(item);
    if (utterance === undefined) return link.ignore('a commit that was not requested');
    utterance.text?.progress();
    return memory.named(utterance.item, item);
  }

  #ofItem(item: string, use: (utterance: CommittedUtterance) => void): void {
    const { link } = this.#options;
    const utterance = this.#utterances.of(item);
    if (utterance === undefined) return link.ignore('a text of an unknown item');
    link.useful();
    return use(utterance);
  }
}

/** The beginning of the labels of commits. */
const COMMIT = 'commit-';
