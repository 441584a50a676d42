import { ServiceError, type SpokenWords, type Voice } from '../../../call/ports.ts';
import type { Log } from '../../../log.ts';
import type { SpeechSettings } from '../../../settings/settings.ts';
import { realTimer } from '../../server/timers.ts';
import { IgnoredMessages } from '../ignored-messages.ts';
import type { ConnectionTiming } from '../realtime-connection.ts';
import { CONNECTION_LOST, RealtimeFailures } from '../realtime-failure.ts';
import { sameWords } from './same-words.ts';
import type { ResponseStream } from '../response-stream.ts';
import { VoiceSession } from './voice-session.ts';

/** During a call; the caller never meets more silence than this. */
const LIVE_TIMING: ConnectionTiming = { timer: realTimer, now: () => performance.now(), dueMs: 4_000 };
/** Sentences in one session: two of each call are synthesised at a time, and a session that breaks fails all of its sentences. */
const MAX_IN_SESSION = 4;
/** 100 calls with two sentences each. */
const MAX_SESSIONS = 50;
/** A sentence whose connection was lost before its first sound is requested once more. */
const MAX_ATTEMPTS = 2;

export interface RealtimeVoiceOptions {
  readonly speech: SpeechSettings;
  readonly log?: Log | undefined;
  /** What differs from the timing of calls. */
  readonly timing?: Partial<ConnectionTiming> | undefined;
}

/**
 * Speaks through sessions of a Realtime server, as μ-law that is passed on unchanged. The model may reword a sentence: what it
 * says it spoke is compared with the text, and yielded after the audio if the words differ.
 */
export class RealtimeVoice implements Voice {
  readonly ignored: IgnoredMessages;
  readonly #options: RealtimeVoiceOptions;
  readonly #failures: RealtimeFailures;
  readonly #sessions = new Set<VoiceSession>();
  #spoken = 0;
  #reworded = 0;

  constructor(options: RealtimeVoiceOptions) {
    this.#options = options;
    const { host: server } = new URL(options.speech.baseUrl);
    this.#failures = new RealtimeFailures({ service: 'speech', doing: 'speaking', server });
    this.ignored = new IgnoredMessages(options.log, { service: 'speech', server });
  }

  get server(): string {
    return this.#failures.server;
  }

  /** Sentences since the start, and those of them whose words differed from the text. */
  get figures(): { readonly spoken: number; readonly reworded: number } {
    return { spoken: this.#spoken, reworded: this.#reworded };
  }

  /** Opens a session, so that the handshakes are done before the first sentence. */
  wake(): void {
    if (![...this.#sessions].some(hasRoom) && this.#sessions.size < MAX_SESSIONS) this.#open();
  }

  /** Throws a `ServiceError`, also after a part of the speech. Ends without an error if `signal` aborts it. */
  async *speak(text: string, signal: AbortSignal): AsyncGenerator<Uint8Array | SpokenWords, void, undefined> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const sentence = this.#session().speak(text);
      const cancel = (): void => sentence.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        yield* sentence.read();
        if (!signal.aborted) yield* this.#reworkedWords(text, sentence);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const wasLost = error instanceof ServiceError && error.details.code === CONNECTION_LOST;
        if (!wasLost || sentence.begun || attempt >= MAX_ATTEMPTS) throw error;
        this.#options.log?.info({ service: 'speech', ...error.details }, 'sentence is requested again');
      } finally {
        signal.removeEventListener('abort', cancel);
        sentence.cancel();
      }
    }
  }

  /** Closes all sessions; sentences in progress fail. */
  close(): void {
    for (const session of [...this.#sessions]) session.close(this.#failures.of('the voice is closed'));
  }

  #session(): VoiceSession {
    const session = [...this.#sessions].find(hasRoom);
    if (session) return session;
    if (this.#sessions.size < MAX_SESSIONS) return this.#open();
    throw this.#failures.of(`more than ${MAX_SESSIONS * MAX_IN_SESSION} sentences at a time`, {
      code: 'busy',
    });
  }

  #open(): VoiceSession {
    for (const session of [...this.#sessions]) if (!session.usable) session.retire();
    const session: VoiceSession = new VoiceSession({
      speech: this.#options.speech,
      failures: this.#failures,
      ignored: this.ignored,
      timing: { ...LIVE_TIMING, ...this.#options.timing },
      listener: { closed: () => this.#sessions.delete(session) },
    });
    this.#sessions.add(session);
    return session;
  }

  *#reworkedWords(text: string, { words }: ResponseStream): Generator<SpokenWords> {
    this.#spoken += 1;
    if (words === undefined) return this.ignored.add('a response without its words');
    if (sameWords(text, words)) return;
    this.#reworded += 1;
    this.#options.log?.info({ service: 'speech', ...this.figures }, 'voice spoke other words than the text');
    yield { spoken: words };
  }
}

function hasRoom(session: VoiceSession): boolean {
  return session.usable && session.inProgress < MAX_IN_SESSION;
}
