import { loadResampler } from '../../../audio/resampler.ts';
import type { ConversationEntry, ServiceError } from '../../../call/ports.ts';
import { MULAW_TYPE, SESSION_UPDATE_ID } from '../event-fields.ts';
import type { IgnoredMessages } from '../ignored-messages.ts';
import { PCM_HZ } from '../pcm-encoder.ts';
import { type ConnectionTiming, RealtimeConnection } from '../realtime-connection.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import type { RequestedText } from '../requested-text.ts';
import { isCancel } from '../response-events.ts';
import type { MoreWords } from '../response-stream.ts';
import { CallerSide } from './caller-side.ts';
import { ConversationConfigurator } from './conversation-configuration.ts';
import { ConversationMemory } from './conversation-memory.ts';
import { type FromConversation, readConversationEvent, type StatedSession } from './conversation-messages.ts';
import type { ConversationSettings } from './conversation-settings.ts';
import { BUSY, ReplySide } from './reply-side.ts';
import type { ServerTurns } from './server-turns.ts';
import type { SessionLink } from './session-link.ts';

const PCM_TYPE = 'audio/pcm';
/** Commits without an answer of the server. */
const MAX_UNANSWERED = 50;
/** The response had ended before our message arrived: nothing is wrong. */
const NOT_ACTIVE = 'response_cancel_not_active';

export interface ConversationTiming extends ConnectionTiming {
  /** The longest time without a sign of progress until the text of an utterance is there. */
  readonly answerMs: number;
}

export interface ConversationSessionListener {
  /** The session begins. `turns`: who decides where the caller's turns end. */
  begun(turns: 'server' | 'own'): void;
  /** The connection is over. Called once. */
  closed(): void;
}

export interface ConversationSessionOptions {
  readonly settings: ConversationSettings;
  /** Of replies. */
  readonly failures: RealtimeFailures;
  /** Of texts of what the caller said. */
  readonly textFailures: RealtimeFailures;
  readonly ignored: IgnoredMessages;
  readonly timing: ConversationTiming;
  readonly listener: ConversationSessionListener;
}

/** One connection to a Realtime server that hears one caller and replies. Opens at once. */
export class ConversationSession {
  /** Resolves when the session is configured; rejects when it is over before. */
  readonly ready: Promise<void>;
  readonly #options: ConversationSessionOptions;
  readonly #connection: RealtimeConnection;
  readonly caller: CallerSide;
  readonly #configuration: ConversationConfigurator;
  readonly #replies: ReplySide;
  readonly #memory: ConversationMemory;
  #settleReady: { resolve(): void; reject(error: Error): void } | undefined;
  #isInUse = false;
  #retired = false;
  #endedWith: ServiceError | undefined;

  constructor(options: ConversationSessionOptions) {
    this.#options = options;
    const { settings, failures, textFailures, ignored, timing } = options;
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }));
    this.ready.catch(() => undefined);
    const link: SessionLink = {
      send: (message) => this.#connection.send(message),
      ignore: (reason) => this.#connection.ignore(reason),
      late: (reason) => ignored.add(reason),
      useful: () => this.#connection.useful(),
      stalled: (said) => this.close(failures.late(said)),
      settled: () => this.#finishIfSettled(),
    };
    const { timer, answerMs } = timing;
    this.#memory = new ConversationMemory((message) => link.send(message));
    this.caller = new CallerSide({
      link,
      memory: this.#memory,
      failures: textFailures,
      timing: { timer, answerMs, now: () => timing.now() },
      transcribes: settings.transcription !== undefined,
      serverTurns: settings.turns === 'server',
    });
    this.#configuration = new ConversationConfigurator(settings, this.caller);
    this.#replies = new ReplySide({
      link,
      memory: this.#memory,
      caller: this.caller,
      failures,
      timing,
      ready: this.ready,
    });
    this.#connection = new RealtimeConnection({
      settings,
      search: { model: settings.model },
      configuration: this.#configuration.message,
      failures,
      ignored,
      timing,
      listener: {
        message: (text) => this.#take(readConversationEvent(text)),
        closed: (error) => this.#closed(error),
      },
    });
  }

  /** Why the connection ended; undefined while it has not. */
  get endedWith(): ServiceError | undefined {
    return this.#endedWith;
  }

  /** True while something new may begin in it. */
  get isFresh(): boolean {
    return this.#connection.isFresh;
  }

  /** A call has this session: it stays open. */
  begin(): void {
    this.#isInUse = true;
    this.#connection.busy();
  }

  /** As `CallerSide.turns`; undefined also if the session is over. */
  get turns(): ServerTurns | undefined {
    return this.#endedWith ? undefined : this.caller.turns;
  }

  /** The utterance in progress may be complete. Returns its text, which is still to come; undefined: the session gives none. */
  commit(): RequestedText | undefined {
    const text = this.caller.commit();
    if (this.#endedWith) text?.fail(this.#endedWith);
    else if (this.caller.unanswered > MAX_UNANSWERED)
      this.#connection.end(this.#options.failures.of('it does not answer'));
    return text;
  }

  /** As `ReplySide.reply`. */
  async *reply(
    request: number,
    entries: readonly ConversationEntry[],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array | MoreWords, void, undefined> {
    try {
      yield* this.#replies.reply(request, entries, signal);
    } finally {
      this.#finishIfSettled();
    }
  }

  /** As `ReplySide.lastHasEnded`. */
  get lastReplyHasEnded(): boolean {
    return this.#endedWith === undefined && this.#replies.lastHasEnded;
  }

  /** Nothing more begins: the connection is closed when all texts and the reply in progress have arrived. */
  retire(): void {
    this.#retired = true;
    this.#finishIfSettled();
  }

  close(error: ServiceError): void {
    this.#connection.end(error);
  }

  #take(event: FromConversation): void {
    switch (event.kind) {
      case 'session-updated':
        return this.#configured(event);
      case 'error':
        return this.#failed(event);
      case 'speech-started':
      case 'speech-stopped':
      case 'committed':
      case 'text':
      case 'failed':
      case 'partial':
        this.caller.take(event);
        return this.#finishIfSettled();
      default:
        return this.#replies.take(event);
    }
  }

  #configured({ inputFormat, rateHz, detectsTurns, outputFormat }: StatedSession): void {
    if (this.#connection.state !== 'opening') return;
    const { failures } = this.#options;
    const wrong = (said: string): void =>
      this.close(failures.of(said, { transient: false, code: 'wrong_session' }));
    if (detectsTurns && !this.caller.turns) return wrong('the server divides the audio itself');
    const isPcmRate = (rateHz ?? PCM_HZ) === PCM_HZ;
    const formats = [inputFormat, outputFormat];
    const other = formats.find((format) => format !== MULAW_TYPE && !(format === PCM_TYPE && isPcmRate));
    if (formats.includes(undefined) || other !== undefined)
      return wrong(`the server uses ${other ?? 'an unstated format'}, neither ${MULAW_TYPE} nor ${PCM_TYPE}`);
    const [input, output] = formats.map((format) => (format === PCM_TYPE ? 'pcm' : 'mulaw'));
    return void this.#begin(input!, output!, detectsTurns);
  }

  async #begin(input: 'mulaw' | 'pcm', output: 'mulaw' | 'pcm', detectsTurns: boolean): Promise<void> {
    try {
      if (input === 'pcm' || output === 'pcm') await loadResampler();
    } catch (error) {
      return this.close(this.#options.failures.of(String(error)));
    }
    if (this.#connection.state !== 'opening') return;
    this.#connection.configured();
    this.caller.begin(input, detectsTurns);
    this.#options.listener.begun(detectsTurns ? 'server' : 'own');
    this.#replies.begin(output);
    if (!this.#isInUse) this.#connection.idle();
    this.#settleReady?.resolve();
  }

  #failed({ request, error }: Extract<FromConversation, { kind: 'error' }>): void {
    const { failures, ignored } = this.#options;
    const message = `${error.message ?? ''} ${error.code ?? ''}`;
    if (this.#connection.state === 'opening' && (request === undefined || request === SESSION_UPDATE_ID)) {
      if (!this.#configuration.adapts(message)) return this.close(failures.said(error));
      return this.#connection.send(this.#configuration.message);
    }
    // It responds to turns by itself, although it is told not to.
    if (error.code === NOT_ACTIVE || (error.code === BUSY && request === undefined)) return undefined;
    if (request !== undefined && isCancel(request)) return ignored.add('a cancel that the server refused');
    if (request !== undefined && this.#memory.refused(request))
      return ignored.add('a correction of its memory that the server refused');
    if (request !== undefined && this.caller.refused(request, error)) return this.#finishIfSettled();
    if (request !== undefined && this.#replies.refused(request, error)) return undefined;
    return this.close(failures.said(error));
  }

  #finishIfSettled(): void {
    if (!this.#retired || this.#replies.inProgress || this.caller.pendingTexts.length > 0) return;
    this.#connection.finish();
  }

  #closed(error: ServiceError): void {
    this.#endedWith = error;
    this.#settleReady?.reject(error);
    this.#options.listener.closed();
    this.caller.close(error);
    this.#replies.close(error);
  }
}
