import { loadResampler } from '../../../audio/resampler.ts';
import type { ServiceError } from '../../../call/ports.ts';
import type { ServiceSettings } from '../../../settings/settings.ts';
import { MULAW_TYPE } from '../event-fields.ts';
import type { IgnoredMessages } from '../ignored-messages.ts';
import { type ConnectionTiming, RealtimeConnection } from '../realtime-connection.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import { CommitTable } from './commit-table.ts';
import { PartialText } from './partial-text.ts';
import { PCM_HZ } from '../pcm-encoder.ts';
import { RequestedText } from '../requested-text.ts';
import { SessionInput } from '../session-input.ts';
import { SessionConfiguration } from './session-configuration.ts';
import { type FromTranscription, readTranscriptionEvent } from './transcription-events.ts';

/** Commits without an answer of the server; a call has at most twelve utterances in progress. */
const MAX_UNANSWERED = 50;

export interface TranscriptionTiming extends ConnectionTiming {
  /** The longest time without a sign of progress after an utterance. */
  readonly answerMs: number;
}

export interface TranscriptionSessionListener {
  /** The connection is over. Called once. */
  closed(): void;
}

export interface TranscriptionSessionOptions {
  readonly settings: ServiceSettings;
  /** ISO 639-1. */
  readonly language: string | undefined;
  readonly failures: RealtimeFailures;
  readonly ignored: IgnoredMessages;
  readonly timing: TranscriptionTiming;
  readonly listener: TranscriptionSessionListener;
}

/**
 * One connection to a Realtime server that transcribes what one caller says. Opens at once. It has one buffer for audio, so it takes
 * one utterance at a time; texts of earlier ones may still be pending. Whatever makes its buffer uncertain ends it.
 */
export class TranscriptionSession {
  readonly #options: TranscriptionSessionOptions;
  readonly #configuration: SessionConfiguration;
  readonly #connection: RealtimeConnection;
  readonly #input = new SessionInput((message) => this.#connection.send(message));
  readonly #commits = new CommitTable();
  readonly #partialText = new PartialText();
  #numbered = 0;
  #hasAudio = false;
  #retired = false;
  #endedWith: ServiceError | undefined;

  constructor(options: TranscriptionSessionOptions) {
    this.#options = options;
    const { settings, language, failures, ignored, timing } = options;
    this.#configuration = new SessionConfiguration({ model: settings.model, language }, this.#input);
    this.#connection = new RealtimeConnection({
      settings,
      search: { intent: 'transcription' },
      configuration: this.#configuration.message,
      failures,
      ignored,
      timing,
      listener: {
        message: (text) => this.#take(readTranscriptionEvent(text)),
        closed: (error) => this.#closed(error),
      },
    });
  }

  /** True if another utterance may begin. */
  get usable(): boolean {
    return this.#connection.isFresh && !this.#retired;
  }

  /** The words of the utterance in progress so far; empty once its whole text has arrived. */
  get partialText(): string {
    return this.#partialText.text;
  }

  /** Why the connection ended; undefined while it has not. */
  get endedWith(): ServiceError | undefined {
    return this.#endedWith;
  }

  /** More audio of the utterance in progress: μ-law at 8,000 Hz. */
  append(mulaw: Uint8Array): void {
    if (mulaw.length === 0) return;
    this.#connection.busy();
    if (!this.#hasAudio) this.#partialText.clear();
    this.#hasAudio = true;
    this.#input.append(mulaw);
  }

  /** The utterance in progress is complete. */
  commit(): RequestedText {
    const { failures, timing } = this.#options;
    const late = (): void => this.#connection.end(failures.late('no text in time'));
    const { timer, answerMs } = timing;
    const text = new RequestedText({ timer, answerMs, now: () => timing.now() }, late);
    this.#commits.add(text);
    this.#hasAudio = false;
    if (this.#endedWith) text.fail(this.#endedWith);
    else if (this.#commits.unanswered > MAX_UNANSWERED)
      this.#connection.end(failures.of('it does not answer'));
    else this.#input.commit(`c${(this.#numbered += 1)}`);
    return text;
  }

  /** The utterance in progress is not transcribed. */
  clear(): void {
    if (!this.#hasAudio) return;
    this.#hasAudio = false;
    this.#partialText.clear();
    this.#input.clear();
    this.#settled();
  }

  /** The text is not wanted any more. */
  cancel(text: RequestedText): void {
    text.fail(this.#options.failures.of('cancelled'));
    this.#settled();
  }

  /** No utterance follows: the connection is closed when all texts have arrived. */
  retire(): void {
    this.#retired = true;
    this.#settled();
  }

  close(): void {
    this.#connection.finish();
  }

  #take(event: FromTranscription): void {
    switch (event.kind) {
      case 'session-updated':
        return this.#configured(event);
      case 'committed':
        if (!this.#commits.committed(event.item)) this.#connection.ignore('a commit that was not requested');
        return undefined;
      case 'partial':
        return this.#partial(event);
      case 'text':
        return this.#of(event.item, (text) => text.complete(event.text));
      case 'failed':
        return this.#of(event.item, (text) => text.fail(this.#options.failures.said(event.error)));
      case 'error':
        return this.#failed(event);
      case 'unusable':
        return this.#connection.ignore(event.reason);
      case 'unneeded':
        return undefined;
    }
  }

  #configured({
    inputFormat,
    rateHz,
    detectsTurns,
  }: Extract<FromTranscription, { kind: 'session-updated' }>): void {
    if (this.#connection.state !== 'opening') return;
    const { failures } = this.#options;
    const wrong = (said: string): void =>
      this.#connection.end(failures.of(said, { transient: false, code: 'wrong_session' }));
    if (detectsTurns) return wrong('the server divides the audio itself');
    if (inputFormat === MULAW_TYPE) return this.#begin('mulaw');
    if (inputFormat === 'audio/pcm' && (rateHz ?? PCM_HZ) === PCM_HZ) return void this.#beginWithPcm();
    const rate = rateHz === undefined ? '' : ` at ${rateHz} Hz`;
    return wrong(`the server expects ${inputFormat ?? 'an unstated format'}${rate}, not ${MULAW_TYPE}`);
  }

  async #beginWithPcm(): Promise<void> {
    try {
      await loadResampler();
      this.#begin('pcm');
    } catch (error) {
      this.#connection.end(this.#options.failures.of(String(error)));
    }
  }

  #begin(format: 'mulaw' | 'pcm'): void {
    if (this.#connection.state !== 'opening') return;
    this.#connection.configured();
    this.#input.begin(format);
    this.#settled();
  }

  /** Some models send texts while the audio arrives, before the commit has made their item known. */
  #partial({ item, delta }: Extract<FromTranscription, { kind: 'partial' }>): void {
    const text = this.#commits.of(item);
    if (text === undefined && !this.#hasAudio) return this.#connection.ignore('a text of an unknown item');
    if (text !== 'ended') this.#partialText.add(item, delta);
    if (text instanceof RequestedText) text.progress();
  }

  #of(item: string, use: (text: RequestedText) => void): void {
    const text = this.#commits.of(item);
    if (text === undefined) return this.#connection.ignore('a text of an unknown item');
    this.#commits.end(item);
    this.#partialText.end(item);
    this.#connection.useful();
    if (text === 'ended') return undefined;
    use(text);
    return this.#settled();
  }

  /**
   * A server that refuses μ-law is asked for PCM, one that refuses the language without it. After any other error the buffer may lack
   * audio: the session is not used any more.
   */
  #failed({ error }: Extract<FromTranscription, { kind: 'error' }>): void {
    if (this.#connection.state === 'opening' && this.#configuration.adapts(error.message ?? ''))
      return this.#connection.send(this.#configuration.message);
    if (this.#commits.pending.length === 0 && !this.#hasAudio)
      this.#options.ignored.add('an error while nothing was requested');
    this.#connection.end(this.#options.failures.said(error));
  }

  #settled(): void {
    if (this.#hasAudio || this.#commits.pending.length > 0) return;
    if (this.#retired) this.#connection.finish();
    else if (this.#connection.state === 'ready') this.#connection.idle();
  }

  #closed(error: ServiceError): void {
    this.#endedWith = error;
    this.#input.close();
    this.#options.listener.closed();
    for (const text of this.#commits.pending) text.fail(error);
  }
}
