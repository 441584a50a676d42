import { dbfsOf } from '../loudness.ts';
import { decodeMulawEnergy } from '../mulaw.ts';
import { FRAME_MS, FRAME_SAMPLES, MULAW_SILENCE, SAMPLES_PER_MS } from '../telephone.ts';
import { CallerLevel } from './caller-level.ts';
import { appendFrame, beginSpeech, type SpeechInProgress } from './speech-in-progress.ts';
import { SILENT_DBFS, SpeechGate } from './speech-gate.ts';

/** Audio after the last voiced frame that still belongs to the utterance: word ends are quiet. */
const TAIL_MS = 200;

export interface TurnSettings {
  readonly endOfTurnMs: number;
  readonly preRollMs: number;
  readonly minSpeechMs: number;
  readonly bargeInMs: number;
  readonly longestUtteranceMs: number;
  /** A pause of this length is reported, so that the text can be requested before the turn is over. Absent: none is. */
  readonly pauseMs?: number | undefined;
}

export type TurnEvent =
  | { readonly kind: 'started'; readonly atMs: number }
  /** Speech that is long and loud enough to interrupt. */
  | { readonly kind: 'barge-in'; readonly atMs: number }
  /** A sound that was too short to be speech. */
  | { readonly kind: 'false-start'; readonly atMs: number }
  /** The caller pauses; the turn is over if the pause lasts. */
  | ({ readonly kind: 'paused' } & DetectedSpeech)
  /** The caller went on after a reported pause of this length. */
  | { readonly kind: 'continued'; readonly pausedMs: number }
  /** `isBackground`: spoken over our own audio by a voice too quiet to be the caller's. */
  | ({ readonly kind: 'finished'; readonly isBackground: boolean } & DetectedSpeech);

/** Times of the first and the last voiced frame, and the audio with pre-roll and tail: μ-law at 8,000 Hz. */
export interface DetectedSpeech {
  readonly startMs: number;
  readonly endMs: number;
  readonly mulaw: Uint8Array;
}

/** Decides whether a 20 ms frame (160 samples at 8 kHz) is speech. */
export interface VoiceActivityDetector {
  isSpeech(frame: Int16Array): boolean;
}

/**
 * Detects when the caller starts speaking, interrupts and finishes. All times are those passed in with the audio; gaps
 * in them are silence.
 */
export class TurnDetector {
  readonly #settings: TurnSettings;
  readonly #voiceActivity: VoiceActivityDetector;
  readonly #gate = new SpeechGate();
  readonly #callerLevel = new CallerLevel();
  /** A frame of which only the first `#filled` samples have arrived. */
  readonly #frame = new Uint8Array(FRAME_SAMPLES);
  readonly #pcm = new Int16Array(FRAME_SAMPLES);
  readonly #preRoll: Uint8Array;
  #filled = 0;
  #nextMs = 0;
  #speech: SpeechInProgress | undefined;

  constructor(settings: TurnSettings, detector: VoiceActivityDetector) {
    this.#settings = settings;
    this.#voiceActivity = detector;
    this.#preRoll = new Uint8Array(Math.max(1, Math.round(settings.preRollMs / FRAME_MS)) * FRAME_SAMPLES);
    this.#preRoll.fill(MULAW_SILENCE);
  }

  /** Whether the caller is speaking, or has paused for less than the end-of-turn silence. */
  get speaking(): boolean {
    return this.#speech?.started ?? false;
  }

  /**
   * The utterance in progress, as it would be if it ended now; undefined if the caller is not speaking. Later ones begin with earlier
   * ones. Valid until the next call of this detector.
   */
  get speech(): Uint8Array | undefined {
    const speech = this.#speech;
    return speech?.started ? speech.audio.subarray(0, this.#lengthOf(speech)) : undefined;
  }

  /** The end of the audio that was analysed. */
  get heardMs(): number {
    return this.#nextMs;
  }

  /** The length of the current pause of a caller who is speaking; undefined if the caller is not speaking. */
  get pausedMs(): number | undefined {
    return this.#speech?.started ? this.#nextMs - this.#speech.lastVoicedMs : undefined;
  }

  /**
   * Processes the caller's audio from `atMs` on and skips audio from before the end of what was analysed. `ownDbfs`:
   * see SpeechGate.
   */
  hear(atMs: number, mulaw: Uint8Array, ownDbfs: number): TurnEvent[] {
    const events: TurnEvent[] = [];
    let from = 0;
    const behind = this.#nextMs + this.#filled / SAMPLES_PER_MS - atMs;
    if (behind > 1) from = Math.min(mulaw.length, Math.round(behind * SAMPLES_PER_MS));
    else if (behind < -1) this.#passSilence(atMs, events);
    // The usual case: no copy is needed.
    if (from === 0 && this.#filled === 0 && mulaw.length === FRAME_SAMPLES) {
      this.#detectFrame(mulaw, ownDbfs, events);
      return events;
    }
    while (from < mulaw.length) {
      const take = Math.min(FRAME_SAMPLES - this.#filled, mulaw.length - from);
      this.#frame.set(mulaw.subarray(from, from + take), this.#filled);
      this.#filled += take;
      from += take;
      if (this.#filled === FRAME_SAMPLES) this.#detectFrame(this.#frame, ownDbfs, events);
    }
    return events;
  }

  /** No audio has arrived for a while: counts as silence up to `atMs`. */
  silentUntil(atMs: number): TurnEvent[] {
    const events: TurnEvent[] = [];
    if (atMs > this.#nextMs + FRAME_MS) this.#passSilence(atMs, events);
    return events;
  }

  /** Changes the silence that ends the turn, for the current pause only. */
  awaitSilence(silenceMs: number): void {
    if (this.#speech) this.#speech.endSilenceMs = silenceMs;
  }

  /** The line is closed: ends the current utterance. */
  flush(): TurnEvent[] {
    const events: TurnEvent[] = [];
    if (this.#speech) this.#finish(this.#speech, events);
    return events;
  }

  #passSilence(untilMs: number, events: TurnEvent[]): void {
    this.#frame.fill(MULAW_SILENCE, this.#filled);
    while (this.#speech && this.#nextMs + FRAME_MS <= untilMs) {
      this.#detectFrame(this.#frame, SILENT_DBFS, events);
      this.#frame.fill(MULAW_SILENCE);
    }
    this.#filled = 0;
    if (this.#nextMs >= untilMs) return;
    // Audio before a gap is not pre-roll of audio after it.
    if (!this.#speech && untilMs - this.#nextMs >= FRAME_MS) this.#preRoll.fill(MULAW_SILENCE);
    this.#nextMs = untilMs;
  }

  #detectFrame(frame: Uint8Array, ownDbfs: number, events: TurnEvent[]): void {
    const atMs = this.#nextMs;
    this.#filled = 0;
    this.#nextMs += FRAME_MS;
    const dbfs = dbfsOf(decodeMulawEnergy(frame, this.#pcm), FRAME_SAMPLES);
    const audible = this.#gate.passes(dbfs, ownDbfs, this.#speech?.bargedIn ?? false);
    const voiced = this.#voiceActivity.isSpeech(this.#pcm) && audible;
    if (!this.#speech && !voiced) {
      this.#preRoll.copyWithin(0, FRAME_SAMPLES);
      this.#preRoll.set(frame, this.#preRoll.length - FRAME_SAMPLES);
      return;
    }
    this.#speech ??= beginSpeech(atMs, this.#preRoll);
    if (voiced) this.#speech.loudest.add(dbfs);
    this.#speech.overOwn ||= voiced && ownDbfs > SILENT_DBFS;
    appendFrame(this.#speech, frame);
    this.#follow(this.#speech, voiced, atMs, events);
  }

  #follow(speech: SpeechInProgress, voiced: boolean, atMs: number, events: TurnEvent[]): void {
    if (speech.overOwn && !speech.bargedIn)
      speech.notes.frame(speech.audio.subarray(0, speech.length), voiced);
    const endMs = atMs + FRAME_MS;
    if (voiced) {
      if (speech.pauseReported) events.push({ kind: 'continued', pausedMs: atMs - speech.lastVoicedMs });
      speech.pauseReported = false;
      speech.endSilenceMs = undefined;
      speech.voicedMs += FRAME_MS;
      speech.lastVoicedMs = endMs;
      const { minSpeechMs, bargeInMs } = this.#settings;
      if (!speech.started && speech.voicedMs >= minSpeechMs) {
        speech.started = true;
        events.push({ kind: 'started', atMs: speech.firstVoicedMs });
      }
      if (!speech.bargedIn && speech.voicedMs >= bargeInMs && this.#isCaller(speech)) {
        speech.bargedIn = true;
        events.push({ kind: 'barge-in', atMs: endMs });
      }
    }
    const silentMs = endMs - speech.lastVoicedMs;
    const { pauseMs, longestUtteranceMs } = this.#settings;
    if (pauseMs !== undefined && silentMs >= pauseMs && speech.started && !speech.pauseReported) {
      speech.pauseReported = true;
      events.push({ kind: 'paused', ...this.#detected(speech) });
    }
    // A click has no second syllable: a sound that has not become speech is dropped sooner.
    const { endOfTurnMs } = this.#settings;
    const endSilenceMs = speech.started ? (speech.endSilenceMs ?? endOfTurnMs) : Math.min(300, endOfTurnMs);
    if (silentMs >= endSilenceMs || endMs - speech.firstVoicedMs >= longestUtteranceMs) {
      this.#finish(speech, events);
    }
  }

  #finish(speech: SpeechInProgress, events: TurnEvent[]): void {
    this.#speech = undefined;
    this.#preRoll.fill(MULAW_SILENCE);
    if (!speech.started) {
      events.push({ kind: 'false-start', atMs: speech.lastVoicedMs });
      return;
    }
    if (!speech.overOwn) this.#callerLevel.learn(speech.loudest);
    events.push({ kind: 'finished', isBackground: this.#isBackground(speech), ...this.#detected(speech) });
  }

  /** Over our own audio, music and voices in the background do not interrupt. */
  #isCaller(speech: SpeechInProgress): boolean {
    return !speech.overOwn || !(this.#isBackground(speech) || speech.notes.areHeld);
  }

  #isBackground({ overOwn, loudest }: SpeechInProgress): boolean {
    return overOwn && this.#callerLevel.isBackground(loudest);
  }

  #detected(speech: SpeechInProgress): DetectedSpeech {
    const mulaw = speech.audio.slice(0, this.#lengthOf(speech));
    return { startMs: speech.firstVoicedMs, endMs: speech.lastVoicedMs, mulaw };
  }

  /** Samples of pre-roll, speech and tail. */
  #lengthOf({ firstVoicedMs, lastVoicedMs, length }: SpeechInProgress): number {
    const whole = this.#preRoll.length + (lastVoicedMs - firstVoicedMs + TAIL_MS) * SAMPLES_PER_MS;
    return Math.min(length, whole);
  }
}
