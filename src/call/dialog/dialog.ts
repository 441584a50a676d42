import type { TurnEvent } from '../../audio/speech/turn-detector.ts';
import type { CallEnvironment, CallListener, CallOptions } from '../call-options.ts';
import type { MediaSession } from '../media-session.ts';
import { SpeechOutput } from '../playback/speech-output.ts';
import { AnswererSwitch } from './answerer-switch.ts';
import type { Answerer, AnswererContext, TalkState } from './answerer.ts';
import { Assistant } from './assistant.ts';
import { CallerTurnEvents } from './caller-turn-events.ts';
import { Conversation } from './conversation.ts';
import { HangUp } from './hang-up.ts';
import { ServiceCalls } from './service-calls.ts';
import type { SpeechToSpeechSession } from '../ports.ts';
import { SpokenReplies } from './spoken-replies.ts';
import { SpeechForwarder } from './speech-forwarder.ts';
import { UtteranceTranscription } from './utterance-transcription.ts';

/** What the dialog needs to know of its call. */
export interface DialogCall {
  /** Our clock in call milliseconds. */
  callMs(atMs: number): number;
  /** The open media stream. */
  session(): Pick<MediaSession, 'callerSpeaks' | 'speech' | 'awaitSilence'> | undefined;
  /** True once the call is over: later texts only go to the journal. */
  readonly isOver: boolean;
}

/** The conversation of one call: who answers, what is said, and when our side ends the call. */
export class Dialog {
  readonly output: SpeechOutput;
  readonly conversation: Conversation;
  readonly answerers: AnswererSwitch;
  readonly utterances: UtteranceTranscription;
  readonly #options: CallOptions;
  readonly #call: DialogCall;
  readonly #serviceCalls: ServiceCalls;
  /** The session of a speech-to-speech model. */
  readonly #session: SpeechToSpeechSession | undefined;
  readonly #hangUp: HangUp;
  readonly #turnEvents: CallerTurnEvents;

  constructor(options: CallOptions, call: DialogCall) {
    this.#options = options;
    this.#call = call;
    const { environment, history, journal } = options;
    const { now, services, settings, prompts } = environment;
    const { replies = 0, pieces = 0, said } = history ?? {};
    this.conversation = new Conversation(said, history?.interruption);
    this.output = new SpeechOutput({ prompts, conversation: this.conversation, journal, replies, pieces });
    this.#serviceCalls = new ServiceCalls(services, now, (answer) =>
      journal.append({ kind: 'answer', atMs: now(), answer }),
    );
    this.#session = services.speechToSpeech?.open();
    this.#hangUp = new HangUp(options.startedAtMs, settings.maxCallMinutes);
    this.utterances = this.#createTranscription(environment, options.listener);
    this.answerers = this.#createAnswerers(environment);
    this.#turnEvents = new CallerTurnEvents(
      {
        answerer: () => this.#answerer,
        audible: (atMs) => this.output.audible(atMs),
        callMs: (atMs) => this.#call.callMs(atMs),
        repliesToTurns: () => this.#answerer instanceof Assistant,
        speech: () => this.#call.session()?.speech,
        awaitSilence: (silenceMs) => this.#call.session()?.awaitSilence(silenceMs),
        now,
      },
      this.utterances,
      {
        endOfTurnMs: settings.turns.endOfTurnMs,
        sentences: environment.rules.sentences,
        language: settings.talk.language,
        earlyTexts: settings.talk.eagerReplies !== 'off',
        drafts: settings.talk.eagerReplies === 'reply',
      },
    );
  }

  get state(): TalkState {
    if (this.endingByUs) return 'ending';
    const { state } = this.answerers.current;
    if (state === 'operator' || state === 'ringing' || state === 'greeting') return state;
    return this.output.audible(this.#options.environment.now()) ? 'speaking' : state;
  }

  /** True if our side has ended the call or is about to. */
  get endingByUs(): boolean {
    return this.#hangUp.requested;
  }

  /** What the caller is saying now, as far as it is understood; undefined while nothing is. It may still change. */
  get partialText(): string | undefined {
    return this.#call.session()?.callerSpeaks ? this.utterances.partialText : undefined;
  }

  get hangUpReason(): string | undefined {
    return this.#hangUp.reason;
  }

  /** A frame of the caller. `fromMs`: in call milliseconds. */
  frame(fromMs: number, mulaw: Uint8Array): void {
    this.utterances.frame(fromMs, mulaw);
  }

  takeTurnEvents(events: readonly TurnEvent[], atMs: number): void {
    this.#turnEvents.take(events, atMs);
  }

  key(digit: string, atMs: number): void {
    this.conversation.key(digit, atMs, this.#call.callMs(atMs));
    this.#answerer?.key(digit, atMs);
  }

  /** Lets the answerer act; returns true if the line is to be hung up now. */
  tick(atMs: number): boolean {
    if (this.#hangUp.timeIsUp(atMs) && !this.endingByUs) this.#endForTime(atMs);
    this.#answerer?.tick(atMs);
    this.output.pump(atMs);
    return this.#hangUp.due(this.output.audible(atMs), atMs);
  }

  /** The call has ended for good. Pending texts still arrive. */
  ended(atMs: number): void {
    this.answerers.end(atMs);
    this.utterances.end();
  }

  /** Ends the call without waiting for the rest of the assistant's speech. */
  endNow(reason: string, atMs: number): void {
    this.answerers.stopSpeaking(atMs);
    this.hangUp(reason, atMs);
  }

  /** Ends the call after everything sent was heard. */
  hangUp(reason: string, atMs: number): void {
    this.#hangUp.request(reason, atMs);
    this.#options.journal.append({ kind: 'oddity', atMs, what: `hanging up: ${reason}` });
  }

  /** The current answerer; undefined once our side is ending the call. */
  get #answerer(): Answerer | undefined {
    return this.endingByUs ? undefined : this.answerers.current;
  }

  #endForTime(atMs: number): void {
    this.answerers.stopSpeaking(atMs);
    this.output.sayPrompt('time-limit', atMs);
    this.hangUp('time limit', atMs);
  }

  #createTranscription({ services, now }: CallEnvironment, listener: CallListener): UtteranceTranscription {
    const { journal, history } = this.#options;
    const { transcriber, streamingTranscriber } = services;
    return new UtteranceTranscription({
      turns: history?.turns ?? 0,
      conversation: this.conversation,
      serviceCalls: (transcriber ?? this.#session) && this.#serviceCalls,
      speech: new SpeechForwarder(this.#session?.speech ?? streamingTranscriber?.open()),
      journal,
      now,
      listener: {
        untranscribed: (turn, utterance) => listener.untranscribed(turn, utterance),
        textArrived: (turn, result, atMs) => {
          if (!this.#call.isOver && !this.endingByUs) this.answerers.textArrived(turn, result, atMs);
        },
      },
    });
  }

  #createAnswerers({
    services,
    settings,
    rules,
    createDetector,
    ring,
    greeter,
  }: CallEnvironment): AnswererSwitch {
    const { journal, history } = this.#options;
    const { transcriber, replier, voice } = services;
    const { output, conversation } = this;
    const [serviceCalls, session] = [this.#serviceCalls, this.#session];
    const context: AnswererContext = {
      output,
      serviceCalls,
      spokenReplies: session && new SpokenReplies(session, conversation, serviceCalls),
      conversation,
      journal,
      settings: { ...settings.talk, rules },
      greeter,
      control: {
        hangUp: (reason, atMs) => this.hangUp(reason, atMs),
        fallBack: (introduction, atMs) => this.answerers.fallBack(introduction, atMs),
        giveUpText: (turn) => this.utterances.giveUp(turn),
        callerSpeaks: () => this.#call.session()?.callerSpeaks ?? false,
      },
    };
    return new AnswererSwitch({
      context,
      assistantAvailable: session !== undefined || (transcriber && replier && voice) !== undefined,
      // A call that continues after a crash is not rung again.
      ring: history ? undefined : ring,
      turns: settings.turns,
      createDetector,
      operatorListener: {
        callMs: (atMs) => this.#call.callMs(atMs),
        spoke: (turn, atMs) => this.utterances.add(turn, atMs).request?.(),
      },
    });
  }
}
