import type { ServiceError, StreamingTranscriber } from '../../../call/ports.ts';
import type { Log } from '../../../log.ts';
import type { ServiceSettings } from '../../../settings/settings.ts';
import { realTimer } from '../../server/timers.ts';
import { IgnoredMessages } from '../ignored-messages.ts';
import { RealtimeFailures } from '../realtime-failure.ts';
import { RealtimeSpeechStream, requestText, type SessionSource } from './realtime-speech-stream.ts';
import { TranscriptionSession, type TranscriptionTiming } from './transcription-session.ts';

const SERVICE = 'streaming-transcription';
/**
 * During a call. The caller waits for the text and then for the reply, and a fallback takes its time too: fillers play after three
 * seconds of silence by default.
 */
const LIVE_TIMING: TranscriptionTiming = {
  timer: realTimer,
  now: () => performance.now(),
  dueMs: 4_000,
  answerMs: 2_000,
};
/** After two failures in a row no utterance waits for the server for this long. */
const MAX_FAILURES_IN_ROW = 2;
const PAUSE_MS = 30_000;
/** Sessions for calls that are ringing. */
const MAX_SPARE = 10;
/** One for each call. */
const MAX_SESSIONS = 500;

export interface RealtimeTranscriberOptions {
  readonly settings: ServiceSettings;
  /** BCP 47; the server takes its first part (ISO 639-1). */
  readonly language: string;
  readonly log?: Log | undefined;
  /** What differs from the timing of calls. */
  readonly timing?: Partial<TranscriptionTiming> | undefined;
}

/** Transcribes speech while it is spoken, through sessions of a Realtime server: one for each call, since a session is one conversation. */
export class RealtimeTranscriber implements StreamingTranscriber {
  readonly ignored: IgnoredMessages;
  readonly #options: RealtimeTranscriberOptions;
  readonly #failures: RealtimeFailures;
  readonly #timing: TranscriptionTiming;
  readonly #sessions = new Set<TranscriptionSession>();
  /** Opened while a phone rings. */
  readonly #spare = new Set<TranscriptionSession>();
  #failedInRow = 0;
  #pausedUntilMs = -Infinity;

  constructor(options: RealtimeTranscriberOptions) {
    this.#options = options;
    this.#timing = { ...LIVE_TIMING, ...options.timing };
    const { host: server } = new URL(options.settings.baseUrl);
    this.#failures = new RealtimeFailures({ service: SERVICE, doing: 'transcribing', server });
    this.ignored = new IgnoredMessages(options.log, { service: SERVICE, server });
  }

  get server(): string {
    return this.#failures.server;
  }

  /** Opens a session, so that the handshakes are done before the call needs it. */
  wake(): void {
    if (!this.#isAvailable || this.#spare.size >= MAX_SPARE) return;
    const session = this.#create();
    if (session) this.#spare.add(session);
  }

  open(): RealtimeSpeechStream {
    const available = (): boolean => this.#isAvailable;
    const source: SessionSource = {
      get available() {
        return available();
      },
      open: () => this.#take(),
      succeeded: () => (this.#failedInRow = 0),
      failed: () => this.#failed(),
      busy: () => this.#busy(),
    };
    return new RealtimeSpeechStream(source);
  }

  /** Transcribes a complete utterance in a session of its own. */
  async transcribe(speech: Uint8Array, signal: AbortSignal): Promise<string> {
    const session = this.#create();
    if (session === undefined) throw this.#busy();
    try {
      const text = await requestText(session, speech, 0, signal);
      this.#failedInRow = 0;
      this.#pausedUntilMs = -Infinity;
      return text;
    } finally {
      session.retire();
    }
  }

  /** Closes all sessions; texts that are pending fail. */
  close(): void {
    for (const session of [...this.#sessions]) session.close();
  }

  get #isAvailable(): boolean {
    return this.#timing.now() >= this.#pausedUntilMs;
  }

  #take(): TranscriptionSession | undefined {
    const spare = [...this.#spare].find(({ usable }) => usable);
    if (spare === undefined) return this.#create();
    this.#spare.delete(spare);
    return spare;
  }

  #create(): TranscriptionSession | undefined {
    if (this.#sessions.size >= MAX_SESSIONS) return undefined;
    const { settings, language } = this.#options;
    const session: TranscriptionSession = new TranscriptionSession({
      settings,
      language: language.split('-')[0],
      failures: this.#failures,
      ignored: this.ignored,
      timing: this.#timing,
      listener: {
        closed: () => {
          this.#sessions.delete(session);
          this.#spare.delete(session);
        },
      },
    });
    this.#sessions.add(session);
    return session;
  }

  #failed(): void {
    this.#failedInRow += 1;
    if (this.#failedInRow < MAX_FAILURES_IN_ROW) return;
    this.#failedInRow = 0;
    this.#pausedUntilMs = this.#timing.now() + PAUSE_MS;
  }

  #busy(): ServiceError {
    return this.#failures.of(`more than ${MAX_SESSIONS} calls at a time`, { code: 'busy' });
  }
}
