import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEvent, StreamEnd } from '../events/call-events.ts';
import { availableServices } from './available-services.ts';
import type { CallIdentity, CallOptions } from './call-options.ts';
import type { AnswererSwitch } from './dialog/answerer-switch.ts';
import { Dialog } from './dialog/dialog.ts';
import { MediaSession } from './media-session.ts';
import type { HeardPiece } from './playback/playback.ts';
import type { Line } from './ports.ts';

/** If a tick comes later than this, the event loop was stalled, and frames that arrived meanwhile are still unread. */
const STALLED_MS = 200;

/** The latest media session; `isOpen` is false after its stream has ended. */
interface LatestSession {
  readonly session: MediaSession;
  readonly isOpen: boolean;
}

/** `new`: no stream yet. `answered`: the caller was answered, here or in an earlier process. `over`: ended for good. */
type Phase = 'new' | 'answered' | 'over';

/** One telephone call, from the first stream to the last: media, dialog and journal. */
export class Call {
  readonly identity: CallIdentity;
  readonly #options: CallOptions;
  readonly #dialog: Dialog;
  #latest: LatestSession | undefined;
  #phase: Phase;
  #format: AudioFormat;
  /** Our clock at call time 0; undefined until the first stream. */
  #zeroAtMs: number | undefined;
  /** The end of the last frame, in call milliseconds. */
  #endMs: number;
  #lastTickMs = 0;

  constructor(options: CallOptions) {
    const { history, journal } = options;
    this.identity = options.identity;
    this.#options = options;
    this.#format = options.format;
    this.#zeroAtMs = history?.zeroAtMs;
    this.#endMs = history?.endMs ?? 0;
    this.#phase = history ? 'answered' : 'new';
    const phase = (): Phase => this.#phase;
    this.#dialog = new Dialog(options, {
      callMs: (atMs) => this.#callMs(atMs),
      session: () => this.#session,
      get isOver() {
        return phase() === 'over';
      },
    });
    if (!history) journal.append(this.#announcement());
  }

  get format(): AudioFormat {
    return this.#format;
  }

  get recorded(): boolean {
    return this.#options.environment.recorded;
  }

  get line(): Line | undefined {
    return this.#session?.line;
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  /** As `Dialog.endingByUs`. */
  get endingByUs(): boolean {
    return this.#dialog.endingByUs;
  }

  /** True if neither side speaks, and the caller waits for nothing. */
  get isBetweenTurns(): boolean {
    return this.#dialog.state === 'listening' && this.#session?.callerSpeaks === false;
  }

  get answerers(): Pick<AnswererSwitch, 'isAssisted' | 'stopRinging' | 'handBack'> {
    return this.#dialog.answerers;
  }

  get dialog(): Pick<Dialog, 'state' | 'hangUpReason' | 'partialText'> {
    return this.#dialog;
  }

  /** What was heard of a piece, in call time; undefined for a piece of an earlier stream. */
  heard(piece: number, atMs: number): HeardPiece | undefined {
    return this.#latest?.session.heard(piece, atMs);
  }

  /** Resolves when no text is pending. */
  allTextsArrived(): Promise<void> {
    return this.#dialog.utterances.allTextsArrived();
  }

  setFormat(format: AudioFormat, atMs: number): void {
    this.#format = format;
    this.#note({ kind: 'format', atMs, format });
  }

  streamStarted(streamSid: string, line: Line, atMs: number): void {
    if (this.#session) this.streamEnded('replaced', atMs);
    this.#zeroAtMs ??= atMs;
    const startMs = Math.max(this.#endMs, atMs - this.#zeroAtMs);
    const { environment, listener } = this.#options;
    const { recorded, settings, now } = environment;
    const detector = environment.createDetector();
    const { turns } = settings;
    const session = new MediaSession({ line, detector, turns, startMs, startedAtMs: atMs });
    this.#latest = { session, isOpen: true };
    this.#note({ kind: 'stream', atMs, streamSid, startMs });
    this.#dialog.output.connect({
      line,
      recorded,
      playback: session.playback,
      maxLeadMs: settings.maxLeadMs,
      sent: (speaker, mulaw, leadMs) => listener.audio(speaker, mulaw, this.#callMs(now()) + leadMs),
    });
    if (this.#phase === 'answered') this.#dialog.answerers.resume(atMs);
    else this.#dialog.answerers.begin(atMs);
    this.#phase = 'answered';
  }

  /** The caller's audio: μ-law of any length with its stream time. */
  media(timestampMs: number, mulaw: Uint8Array, atMs: number): void {
    const session = this.#session;
    if (!session || mulaw.length === 0) return;
    const streamMs = session.place(timestampMs, mulaw.length, atMs);
    const fromMs = session.callTime(streamMs);
    this.#options.listener.audio('caller', mulaw, fromMs);
    const kept = this.recorded ? mulaw : new Uint8Array(0);
    this.#note({ kind: 'caller', atMs, streamMs, samples: mulaw.length, mulaw: kept });
    this.#endMs = Math.max(this.#endMs, session.endMs);
    const { output } = this.#dialog;
    this.#dialog.frame(fromMs, mulaw);
    this.#dialog.takeTurnEvents(session.hear(streamMs, mulaw, output.ownDbfs(atMs)), atMs);
    output.pump(atMs);
  }

  /** A mark returned; false if no mark of that name is pending. */
  mark(name: string, atMs: number): boolean {
    const known = this.#session?.playback.markReturned(name, atMs) ?? false;
    if (known) {
      this.#note({ kind: 'mark-back', atMs, name });
      this.#dialog.output.pump(atMs);
    }
    return known;
  }

  key(digit: string, atMs: number): void {
    const session = this.#session;
    if (!session) return;
    this.#note({ kind: 'key', atMs, callMs: session.callMs(atMs), digit });
    this.#dialog.key(digit, atMs);
  }

  /** The stream has ended; the call may continue in another one. `atMs`: when the end was noticed, or the last sign of life. */
  streamEnded(reason: StreamEnd, atMs: number): void {
    const session = this.#session;
    if (!session) return;
    this.#dialog.takeTurnEvents(session.flush(), atMs);
    this.#dialog.answerers.stop(atMs);
    this.#endMs = Math.max(this.#endMs, session.ended(atMs));
    this.#dialog.conversation.fix(atMs);
    this.#dialog.output.disconnect();
    this.#latest = { session, isOpen: false };
    this.#note({ kind: 'stream-end', atMs, reason });
  }

  /** The call has ended for good. Pending texts still go to the journal. */
  ended(reason: string, atMs: number): void {
    if (this.#phase === 'over') return;
    this.streamEnded('closed', atMs);
    this.#dialog.ended(atMs);
    this.#phase = 'over';
    this.#note({ kind: 'end', atMs, reason });
  }

  /** Cancels all pending transcriptions. */
  giveUpTexts(): void {
    this.#dialog.utterances.cancelAll();
  }

  tick(atMs: number): void {
    const session = this.#session;
    const stalled = atMs - this.#lastTickMs > STALLED_MS;
    this.#lastTickMs = atMs;
    if (!session || this.#phase === 'over') return;
    session.playback.dateLastMarks(atMs);
    if (!stalled) this.#dialog.takeTurnEvents(session.silence(atMs), atMs);
    if (this.#dialog.tick(atMs)) session.line.hangUp();
  }

  /** An operator takes the call. False if one already has it, or no stream is open. */
  takeOver(atMs: number): boolean {
    return this.connected && !this.endingByUs && this.#dialog.answerers.takeOver(atMs);
  }

  /** Audio of the operator's microphone: μ-law at 8,000 Hz. */
  operatorAudio(mulaw: Uint8Array, atMs: number): void {
    if (this.connected) this.#dialog.answerers.operatorAudio(mulaw, atMs);
  }

  /** Gives the assistant an instruction for its next reply. False if no assistant could follow it. */
  guide(text: string, atMs: number): boolean {
    if (!this.answerers.isAssisted) return false;
    this.#note({ kind: 'guidance', atMs, text });
    this.#dialog.conversation.guidance(text, atMs);
    return true;
  }

  /** Ends the call without waiting for the rest of the assistant's speech. */
  endNow(reason: string, atMs: number): void {
    this.#dialog.endNow(reason, atMs);
  }

  /** Ends the call after everything sent was heard. */
  hangUp(reason: string, atMs: number): void {
    this.#dialog.hangUp(reason, atMs);
  }

  oddity(what: string, atMs: number): void {
    this.#note({ kind: 'oddity', atMs, what });
  }

  /** The session of the open stream. */
  get #session(): MediaSession | undefined {
    return this.#latest?.isOpen ? this.#latest.session : undefined;
  }

  #note(event: CallEvent): void {
    this.#options.journal.append(event);
  }

  #announcement(): CallEvent {
    const { identity, startedAtMs: atMs, environment } = this.#options;
    const { recorded, settings, services } = environment;
    const format = this.#format;
    const available = availableServices(services);
    return { kind: 'ringing', atMs, ...identity, format, recorded, settings, services: available };
  }

  #callMs(atMs: number): number {
    return this.#session?.callMs(atMs) ?? this.#endMs;
  }
}
