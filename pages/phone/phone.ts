import type { DeskCall } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { sentenceFor } from '../frame/ask-server.ts';
import { FinishingCall } from '../frame/finishing-call.ts';
import { Level } from '../sound/level-meter.ts';
import { LiveTranscript } from './live-transcript.ts';
import { PhoneCall } from './phone-call.ts';
import { type Roughness, SMOOTH } from './rough-network.ts';
import { SoundTest } from '../sound/sound-test.ts';

/** The refresh interval of timer and level. */
const DRAW_EVERY_MS = 100;

/** The telephone of the page: at most one call at a time, and its state. */
export class Phone {
  readonly soundTest: SoundTest;
  state: 'idle' | 'dialling' | 'in-call' = 'idle';
  problem: string | undefined;
  muted = false;
  lastCallSid: string | undefined;
  /** The files of the last call. */
  finishing: FinishingCall | undefined;
  roughness: Roughness = SMOOTH;
  readonly #changed: () => void;
  readonly #level = new Level();
  #call: PhoneCall | undefined;
  #transcript: LiveTranscript | undefined;
  #elapsedMs = 0;
  #drawing: ReturnType<typeof setInterval> | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.soundTest = new SoundTest(changed);
  }

  get turns(): readonly TranscriptTurn[] {
    return this.#transcript?.turns ?? [];
  }

  /** Why the transcript is unavailable. */
  get transcriptTrouble(): string | undefined {
    return this.state === 'in-call' ? this.#transcript?.problem : undefined;
  }

  get call(): DeskCall | undefined {
    return this.#transcript?.call;
  }

  get elapsedMs(): number {
    return this.#call ? Date.now() - this.#call.startedAtMs : this.#elapsedMs;
  }

  get levelDb(): number {
    return this.#level.nowDb();
  }

  async dial(): Promise<void> {
    if (this.state !== 'idle') return;
    this.#become('dialling');
    this.problem = undefined;
    this.muted = false;
    this.#elapsedMs = 0;
    this.#transcript?.close();
    this.#transcript = undefined;
    try {
      const call = await PhoneCall.dial(
        { level: (peak) => this.#level.hear(peak), ended: (problem) => this.#ended(problem) },
        this.roughness,
      );
      this.#begun(call);
    } catch (error) {
      this.problem = sentenceFor(error);
      this.#become('idle');
    }
  }

  hangUp(): void {
    this.#call?.hangUp();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.#call?.mute(muted);
    this.#changed();
  }

  press(digit: string): void {
    this.#call?.press(digit);
  }

  makeRough(roughness: Roughness): void {
    this.roughness = roughness;
    if (this.#call) this.#call.roughness = roughness;
    this.#changed();
  }

  #begun(call: PhoneCall): void {
    this.#call = call;
    this.lastCallSid = call.callSid;
    this.finishing?.stop();
    this.finishing = undefined;
    this.#transcript = new LiveTranscript(call.callSid, this.#changed);
    this.#drawing = setInterval(this.#changed, DRAW_EVERY_MS);
    this.#become('in-call');
  }

  #ended(problem: string | undefined): void {
    if (problem !== undefined) this.problem = problem;
    this.#elapsedMs = this.elapsedMs;
    if (this.lastCallSid !== undefined) this.finishing = new FinishingCall(this.lastCallSid, this.#changed);
    this.#call = undefined;
    this.#level.reset();
    clearInterval(this.#drawing);
    this.#become('idle');
  }

  #become(state: Phone['state']): void {
    this.state = state;
    this.#changed();
  }
}
