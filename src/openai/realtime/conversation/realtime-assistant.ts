import type { ServiceError, SpeechToSpeech } from '../../../call/ports.ts';
import type { Log } from '../../../log.ts';
import { realTimer } from '../../server/timers.ts';
import { IgnoredMessages } from '../ignored-messages.ts';
import { RealtimeFailures } from '../realtime-failure.ts';
import { ConversationSession, type ConversationTiming } from './conversation-session.ts';
import type { ConversationSettings } from './conversation-settings.ts';
import { RealtimeCall } from './realtime-call.ts';

const SERVICE = 'speech-to-speech';
/** During a call; the caller never meets more silence than this. A text that comes later is requested elsewhere. */
const LIVE_TIMING: ConversationTiming = {
  timer: realTimer,
  now: () => performance.now(),
  dueMs: 4_000,
  answerMs: 2_000,
};
/** Sessions for calls that are ringing. */
const MAX_SPARE = 10;

export interface RealtimeAssistantOptions {
  readonly settings: ConversationSettings;
  readonly log?: Log | undefined;
  /** What differs from the timing of calls. */
  readonly timing?: Partial<ConversationTiming> | undefined;
}

/** Answers calls through a Realtime model that hears and speaks: one session for each call. */
export class RealtimeAssistant implements SpeechToSpeech {
  readonly ignored: IgnoredMessages;
  readonly #options: RealtimeAssistantOptions;
  readonly #failures: RealtimeFailures;
  readonly #textFailures: RealtimeFailures;
  readonly #sessions = new Set<ConversationSession>();
  /** Opened while a phone rings. */
  readonly #spare = new Set<ConversationSession>();
  #turns: 'server' | 'own' | undefined;

  constructor(options: RealtimeAssistantOptions) {
    this.#options = options;
    const { host: server } = new URL(options.settings.baseUrl);
    this.#failures = new RealtimeFailures({ service: SERVICE, doing: 'replying', server });
    const doing = 'transcribing';
    this.#textFailures = new RealtimeFailures({ service: 'streaming-transcription', doing, server });
    this.ignored = new IgnoredMessages(options.log, { service: SERVICE, server });
  }

  get server(): string {
    return this.#failures.server;
  }

  /** Who decides where the caller's turns end, in the last session that began; undefined: none has. */
  get turns(): 'server' | 'own' | undefined {
    return this.#turns;
  }

  /** Opens a session, so that the handshakes are done before the call begins. */
  wake(): void {
    if (this.#spare.size < MAX_SPARE) this.#spare.add(this.#create());
  }

  open(): RealtimeCall {
    return new RealtimeCall(() => this.#take());
  }

  /** Opens a session, which costs nothing. */
  async check(signal: AbortSignal): Promise<void> {
    const session = this.#create();
    const cancel = (): void => session.close(this.#failures.of('cancelled'));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await session.ready;
    } finally {
      signal.removeEventListener('abort', cancel);
      session.retire();
    }
  }

  /** Closes all sessions; replies in progress fail. */
  close(): void {
    const error: ServiceError = this.#failures.of('the assistant is closed');
    for (const session of [...this.#sessions]) session.close(error);
  }

  #take(): ConversationSession {
    const spare = [...this.#spare].find(({ isFresh }) => isFresh);
    if (spare === undefined) return this.#create();
    this.#spare.delete(spare);
    return spare;
  }

  #begun(turns: 'server' | 'own'): void {
    const isRefused = this.#options.settings.turns === 'server' && turns === 'own';
    if (isRefused && this.#turns !== 'own') {
      const { server } = this;
      this.#options.log?.warn({ service: SERVICE, server }, 'the server does not decide where turns end');
    }
    this.#turns = turns;
  }

  #create(): ConversationSession {
    const session: ConversationSession = new ConversationSession({
      settings: this.#options.settings,
      failures: this.#failures,
      textFailures: this.#textFailures,
      ignored: this.ignored,
      timing: { ...LIVE_TIMING, ...this.#options.timing },
      listener: {
        begun: (turns) => this.#begun(turns),
        closed: () => {
          this.#sessions.delete(session);
          this.#spare.delete(session);
        },
      },
    });
    this.#sessions.add(session);
    return session;
  }
}
