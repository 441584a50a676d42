import type { CallHistory, CallListener } from '../../src/call/call-options.ts';
import { Call } from '../../src/call/call.ts';
import type { Greeter } from '../../src/call/dialog/answerer.ts';
import type { OperatorRing } from '../../src/call/dialog/ringing.ts';
import { TurnRules } from '../../src/call/dialog/turn-taking/turn-rules.ts';
import type {
  EndOfTurnModel,
  Replier,
  Services,
  SpeechToSpeech,
  StreamingTranscriber,
  Transcriber,
  Voice,
} from '../../src/call/ports.ts';
import type { CallSettings } from '../../src/events/call-settings.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import type { ReconstructedCall } from '../../src/records/reconstructed-call.ts';
import { transcriptLines, transcriptOf } from '../../src/records/text/transcript.ts';
import type { OwnTurnRules } from '../../src/settings/turn-rules/turn-rules.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { PhoneAtHand, voicedFrame } from '../doubles/hand-driven-phone.ts';
import { LoudnessJudge } from '../doubles/loudness-detector.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { SpokenPrompts } from '../doubles/spoken-prompts.ts';

export const USUAL: CallSettings = {
  turns: { endOfTurnMs: 700, preRollMs: 300, minSpeechMs: 120, bargeInMs: 400, longestUtteranceMs: 30_000 },
  talk: {
    stillThereAfterMs: 15_000,
    goodbyeAfterMs: 15_000,
    fillerAfterMs: 3_000,
    messagePauseMs: 2_000,
    messageSilenceMs: 20_000,
  },
  maxLeadMs: 10_000,
  maxCallMinutes: 0,
};

export const SILENT_GREETER: Greeter = {
  ready: () => ({ text: 'Hello.', mulaw: new Uint8Array(4_000).fill(0x22) }),
};

export interface RehearsalParts {
  readonly transcriber?: Transcriber | undefined;
  readonly streamingTranscriber?: StreamingTranscriber;
  readonly endOfTurnModel?: EndOfTurnModel | undefined;
  readonly replier?: Replier | undefined;
  readonly voice?: Voice | undefined;
  readonly speechToSpeech?: SpeechToSpeech;
  readonly greeter?: Greeter;
  readonly settings?: Partial<Pick<CallSettings, 'maxCallMinutes' | 'turns'>> & {
    readonly talk?: Partial<CallSettings['talk']>;
  };
  readonly rules?: OwnTurnRules;
  readonly recorded?: boolean;
  readonly history?: CallHistory;
  readonly untranscribed?: CallListener['untranscribed'];
  readonly audio?: CallListener['audio'];
  readonly ring?: OperatorRing;
  /** Waits for work that virtual time does not know: decoders. */
  readonly settled?: () => Promise<void>;
}

const STEP_MS = 20;
const ZERO = 1_700_000_000_000;

/** A whole call in virtual time with a telephone at hand: what the caller does, and when the assistant is heard. */
export class RehearsedCall {
  readonly clock: VirtualClock;
  readonly journal = new MemoryJournal();
  readonly call: Call;
  readonly judges: LoudnessJudge[] = [];
  phone: PhoneAtHand;
  readonly #settled: (() => Promise<void>) | undefined;
  #streams = 0;

  constructor(clock: VirtualClock, parts: RehearsalParts = {}) {
    this.clock = clock;
    this.#settled = parts.settled;
    const { transcriber, streamingTranscriber, replier, voice, speechToSpeech } = parts;
    const { endOfTurnModel, history, settings, ring } = parts;
    const services: Services = {
      ...(transcriber && { transcriber }),
      ...(streamingTranscriber && { streamingTranscriber }),
      ...(endOfTurnModel && { endOfTurnModel }),
      ...(replier && { replier }),
      ...(voice && { voice }),
      ...(speechToSpeech && { speechToSpeech }),
    };
    this.call = new Call({
      identity: { callSid: 'CA00000000000000000000000000000001', from: '+100', to: '+200' },
      environment: {
        settings: { ...USUAL, ...settings, talk: { ...USUAL.talk, ...settings?.talk } },
        rules: new TurnRules(parts.rules),
        services,
        prompts: new SpokenPrompts(),
        greeter: parts.greeter ?? SILENT_GREETER,
        recorded: parts.recorded ?? true,
        createDetector: () => {
          const judge = new LoudnessJudge();
          this.judges.push(judge);
          return judge;
        },
        now: clock.now,
        ring,
      },
      journal: this.journal,
      listener: {
        audio: (...sound) => parts.audio?.(...sound),
        untranscribed: (...left) => parts.untranscribed?.(...left),
      },
      format: 'wav',
      startedAtMs: clock.nowMs,
      history,
    });
    this.phone = new PhoneAtHand(clock.now);
    this.connect();
  }

  static clock(): VirtualClock {
    return new VirtualClock(ZERO);
  }

  /** A new stream of the same call. */
  connect(): void {
    this.phone = new PhoneAtHand(this.clock.now);
    this.call.streamStarted(`MZ${(this.#streams += 1)}`, this.phone, this.clock.nowMs);
  }

  /** Milliseconds since the call began. */
  get nowMs(): number {
    return this.clock.nowMs - ZERO;
  }

  async run(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs + ms;
    while (this.clock.nowMs < untilMs) {
      await this.clock.goTo(this.clock.nowMs + STEP_MS);
      await this.#settled?.();
      this.phone.deliver(this.call);
      if (this.nowMs % 40 === 0) this.call.tick(this.clock.nowMs);
    }
    await this.clock.goTo(this.clock.nowMs);
  }

  /** Goes on until something is so, and gives how long that took; throws when it is not within `atMostMs`. */
  async until(what: () => boolean, atMostMs = 60_000): Promise<number> {
    const fromMs = this.clock.nowMs;
    while (!what()) {
      if (this.clock.nowMs - fromMs > atMostMs) throw new Error(`not within ${atMostMs} ms`);
      await this.run(STEP_MS);
    }
    return this.clock.nowMs - fromMs;
  }

  /** Until the assistant has been heard and is silent again. */
  async heardOut(): Promise<void> {
    await this.until(() => this.phone.playing);
    await this.until(() => !this.phone.playing);
  }

  /** The caller says something, and this comes back when the last frame has left. */
  async callerSays(ms: number): Promise<void> {
    this.phone.callerSpeaks(ms);
    await this.until(() => !this.phone.callerIsSpeaking);
  }

  /** The operator says something into the microphone, in real time, and is silent for `pauseMs` after it. */
  async operatorSays(ms: number, pauseMs = 1_000): Promise<void> {
    for (let at = 0; at < ms + pauseMs; at += STEP_MS) {
      const frame = at < ms ? voicedFrame(at / STEP_MS) : new Uint8Array(160).fill(0xff);
      this.call.operatorAudio(frame, this.clock.nowMs);
      await this.run(STEP_MS);
    }
  }

  /** Names of the prompts and texts of the replies in the order in which they were said. */
  get pieces(): string[] {
    return this.journal.of('piece').map((piece) => piece.text);
  }

  get reading(): ReconstructedCall {
    return reconstructCall(this.journal.events)!;
  }

  get transcript(): string[] {
    return transcriptLines(transcriptOf(this.reading)).map((line) => line.replace(/^\[[\d:.]+\] /, ''));
  }
}
