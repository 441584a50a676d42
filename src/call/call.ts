import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEvent, StreamEnd } from '../events/call-events.ts';
import type { CallIdentity, CallOptions } from './call-options.ts';
import { AnswererSwitch } from './dialog/answerer-switch.ts';
import type { AnswererContext, TalkState } from './dialog/answerer.ts';
import { CallerTurnEvents } from './dialog/caller-turn-events.ts';
import { Conversation } from './dialog/conversation.ts';
import { HangUp } from './dialog/hang-up.ts';
import { availableServices, ServiceCalls } from './dialog/service-calls.ts';
import { UtteranceTranscription } from './dialog/utterance-transcription.ts';
import { MediaSession } from './media-session.ts';
import type { HeardPiece } from './playback/playback.ts';
import { SpeechOutput } from './playback/speech-output.ts';
import type { Line } from './ports.ts';

/** A tick later than this was held up: what the line brought meanwhile is still to be read. */
const HELD_UP_MS = 200;

/** One telephone call from the first stream to the last: who speaks, what is said, what is heard. */
export class Call {
  readonly identity: CallIdentity;
  readonly #parts: CallOptions;
  readonly #conversation: Conversation;
  readonly #desk: ServiceCalls;
  readonly #mouth: SpeechOutput;
  readonly #hangUp: HangUp;
  readonly #stage: AnswererContext;
  readonly #utterances: UtteranceTranscription;
  readonly #reception: AnswererSwitch;
  readonly #callerTurns: CallerTurnEvents;
  #stream: MediaSession | undefined;
  /** The present one, or the one that ended last. */
  #lastStream: MediaSession | undefined;
  #format: AudioFormat;
  #zeroAtMs: number | undefined;
  #endMs = 0;
  #greeted = false;
  #lastTickMs = 0;
  #ended = false;

  constructor(parts: CallOptions) {
    this.identity = parts.identity;
    this.#parts = parts;
    this.#format = parts.format;
    const { history, journal, prompts } = parts;
    this.#conversation = new Conversation(history?.said);
    this.#zeroAtMs = history?.zeroAtMs;
    this.#endMs = history?.endMs ?? 0;
    this.#greeted = history !== undefined;
    this.#desk = new ServiceCalls(parts.services, parts.now, (answer) =>
      this.#note({ kind: 'answer', atMs: parts.now(), answer }),
    );
    const counts = { replies: history?.replies ?? 0, pieces: history?.pieces ?? 0 };
    this.#mouth = new SpeechOutput({ prompts, conversation: this.#conversation, journal, ...counts });
    this.#hangUp = new HangUp(parts.startedAtMs, parts.settings.maxCallMinutes);
    this.#utterances = new UtteranceTranscription({
      turns: history?.turns ?? 0,
      note: (event) => this.#note(event),
      conversation: this.#conversation,
      now: parts.now,
      ...(parts.services.transcriber && { desk: this.#desk }),
      leftOver: (turn, utterance) => parts.leftOver?.(turn, utterance),
      textCame: (turn, result, atMs) => {
        if (!this.#ended && !this.#hangUp.requested) this.#reception.behaviour.textCame(turn, result, atMs);
      },
    });
    this.#stage = this.#makeStage();
    this.#reception = this.#makeReception();
    this.#callerTurns = new CallerTurnEvents({
      answering: () => (this.#hangUp.requested ? undefined : this.#reception.behaviour),
      utterances: this.#utterances,
      audible: (atMs) => this.#mouth.audible(atMs),
      callMs: (atMs) => this.#callMs(atMs),
    });
    if (!history) journal.append(this.#ringing());
  }

  get format(): AudioFormat {
    return this.#format;
  }

  get recorded(): boolean {
    return this.#parts.recorded;
  }

  /** The line it is on now. */
  get line(): Line | undefined {
    return this.#stream?.line;
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  /** Whether we have ended it, or are about to. */
  get endingByUs(): boolean {
    return this.#hangUp.requested;
  }

  /** Why we end it, where we do. */
  get hangUpReason(): string | undefined {
    return this.#hangUp.reason;
  }

  get state(): TalkState {
    if (this.#hangUp.requested) return 'ending';
    const { state } = this.#reception.behaviour;
    if (state === 'operator' || state === 'ringing' || state === 'greeting') return state;
    return this.#mouth.audible(this.#parts.now()) ? 'speaking' : state;
  }

  /** What was heard of a piece, in call time; of one of an earlier stream undefined. */
  heard(piece: number, atMs: number): HeardPiece | undefined {
    return this.#lastStream?.heard(piece, atMs);
  }

  /** Resolves when no text is outstanding. */
  textsSettled(): Promise<void> {
    return this.#utterances.settled();
  }

  setFormat(format: AudioFormat, atMs: number): void {
    this.#format = format;
    this.#note({ kind: 'format', atMs, format });
  }

  streamStarted(streamSid: string, line: Line, atMs: number): void {
    if (this.#stream) this.streamEnded('replaced', atMs);
    this.#zeroAtMs ??= atMs;
    const startMs = Math.max(this.#endMs, atMs - this.#zeroAtMs);
    const { recorded, settings } = this.#parts;
    const judge = this.#parts.judge();
    const stream = new MediaSession({ line, judge, turns: settings.turns, startMs, startedAtMs: atMs });
    this.#stream = stream;
    this.#lastStream = stream;
    this.#note({ kind: 'stream', atMs, streamSid, startMs });
    this.#mouth.connect({
      ...{ line, recorded, playback: stream.playback, maxLeadMs: settings.maxLeadMs },
      sent: (speaker, mulaw, leadMs) =>
        this.#parts.listen?.(speaker, mulaw, this.#callMs(this.#parts.now()) + leadMs),
    });
    if (this.#greeted) this.#reception.behaviour.resume(atMs);
    else this.#reception.begin(atMs);
    this.#greeted = true;
  }

  /** The caller's audio: μ-law of any length with its stream time. */
  media(timestampMs: number, mulaw: Uint8Array, atMs: number): void {
    const stream = this.#stream;
    if (!stream || mulaw.length === 0) return;
    const streamMs = stream.place(timestampMs, mulaw.length, atMs);
    this.#parts.listen?.('caller', mulaw, stream.callTime(streamMs));
    const kept = this.#parts.recorded ? mulaw : new Uint8Array(0);
    this.#note({ kind: 'caller', atMs, streamMs, samples: mulaw.length, mulaw: kept });
    this.#endMs = Math.max(this.#endMs, stream.endMs);
    this.#callerTurns.take(stream.hear(streamMs, mulaw, this.#mouth.ownDbfs(atMs)), atMs);
    this.#mouth.pump(atMs);
  }

  /** A mark came back; false where none of that name is out. */
  mark(name: string, atMs: number): boolean {
    const known = this.#stream?.playback.markReturned(name, atMs) ?? false;
    if (known) {
      this.#note({ kind: 'mark-back', atMs, name });
      this.#mouth.pump(atMs);
    }
    return known;
  }

  key(digit: string, atMs: number): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#note({ kind: 'key', atMs, callMs: stream.callMs(atMs), digit });
    this.#conversation.key(digit, atMs);
    if (!this.#hangUp.requested) this.#reception.behaviour.key(digit, atMs);
  }

  /** The stream is over; the call may go on in another one. `atMs`: when that became known, or the last sign of life. */
  streamEnded(reason: StreamEnd, atMs: number): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#callerTurns.take(stream.flush(), atMs);
    this.#reception.stop(atMs);
    this.#endMs = Math.max(this.#endMs, stream.ended(atMs));
    this.#conversation.fix(atMs);
    this.#mouth.disconnect();
    this.#stream = undefined;
    this.#note({ kind: 'stream-end', atMs, reason });
  }

  /** The call is over for good. Texts that are still awaited keep coming into the journal. */
  ended(reason: string, atMs: number): void {
    if (this.#ended) return;
    this.streamEnded('closed', atMs);
    this.#ended = true;
    this.#note({ kind: 'end', atMs, reason });
  }

  /** Nobody waits for texts any more. */
  giveUpTexts(): void {
    this.#utterances.giveUp();
  }

  tick(atMs: number): void {
    const stream = this.#stream;
    const heldUp = atMs - this.#lastTickMs > HELD_UP_MS;
    this.#lastTickMs = atMs;
    if (!stream || this.#ended) return;
    stream.playback.settle(atMs);
    if (!heldUp) this.#callerTurns.take(stream.silence(atMs), atMs);
    if (this.#hangUp.timeIsUp(atMs) && !this.#hangUp.requested) this.#endOfTime(atMs);
    if (!this.#hangUp.requested) this.#reception.behaviour.tick(atMs);
    this.#mouth.pump(atMs);
    if (this.#hangUp.due(this.#mouth.audible(atMs), atMs)) stream.line.hangUp();
  }

  /** A person answers from now on. False where one does already, or there is no line. */
  takeOver(atMs: number): boolean {
    return this.connected && !this.#hangUp.requested && this.#reception.takeOver(atMs);
  }

  /** The assistant goes on. False where nobody had taken over. */
  handBack(atMs: number): boolean {
    return this.#reception.handBack(atMs);
  }

  /** The microphone of whoever took over: μ-law, 8 kHz. */
  operatorSays(mulaw: Uint8Array, atMs: number): void {
    if (this.connected) this.#reception.speak(mulaw, atMs);
  }

  /** Tells the assistant something for its next reply, which the caller does not hear. */
  guide(text: string, atMs: number): void {
    this.#note({ kind: 'guidance', atMs, text });
    this.#conversation.guidance(text, atMs);
  }

  /** Ends the call without waiting for what the assistant has still to say: for an operator. */
  putDown(reason: string, atMs: number): void {
    this.#reception.hush(atMs);
    this.hangUp(reason, atMs);
  }

  /** Ends the call once everything was heard. */
  hangUp(reason: string, atMs: number): void {
    this.#hangUp.request(reason, atMs);
    this.#note({ kind: 'oddity', atMs, what: `hanging up: ${reason}` });
  }

  /** Writes down that something odd came over the line. */
  oddity(what: string, atMs: number): void {
    this.#note({ kind: 'oddity', atMs, what });
  }

  #note(event: CallEvent): void {
    this.#parts.journal.append(event);
  }

  #ringing(): CallEvent {
    const { identity, startedAtMs: atMs, recorded, settings, services } = this.#parts;
    const what = { format: this.#format, recorded, settings, services: availableServices(services) };
    return { kind: 'ringing', atMs, ...identity, ...what };
  }

  #endOfTime(atMs: number): void {
    this.#reception.hush(atMs);
    this.#mouth.sayPrompt('time-limit', atMs);
    this.hangUp('time limit', atMs);
  }

  #callMs(atMs: number): number {
    return this.#stream?.callMs(atMs) ?? this.#endMs;
  }

  #makeStage(): AnswererContext {
    return {
      mouth: this.#mouth,
      desk: this.#desk,
      conversation: this.#conversation,
      journal: this.#parts.journal,
      settings: this.#parts.settings.talk,
      greeter: this.#parts.greeter,
      hangUp: (reason, atMs) => this.hangUp(reason, atMs),
      fallBack: (introduction, atMs) => this.#reception.fallBack(introduction, atMs),
      callerSpeaks: () => this.#stream?.callerSpeaks ?? false,
    };
  }

  #makeReception(): AnswererSwitch {
    const { services, settings, judge, bell, journal, history } = this.#parts;
    const { transcriber, replier, voice } = services;
    return new AnswererSwitch({
      ...{ stage: this.#stage, journal, turns: settings.turns, judge },
      talks: transcriber !== undefined && replier !== undefined && voice !== undefined,
      ...(bell && !history && { bell }),
      callMs: (atMs) => this.#callMs(atMs),
      operatorSpoke: (turn, atMs) => this.#utterances.enter(turn, atMs).ask?.(),
    });
  }
}
