import type { DeskCall, ToDesk } from '../../src/desk/desk-messages.ts';
import { sentenceFor } from '../frame/ask-server.ts';
import { FinishingCall } from '../frame/finishing-call.ts';
import { fromBase64, toBase64 } from '../sound/base64.ts';
import { Level } from '../sound/level-meter.ts';
import { LiveListener } from '../sound/live-listener.ts';
import { SoundCard } from '../sound/sound-card.ts';
import type { DeskLink } from './desk-link.ts';

/** How often the levels are drawn while audio is playing. */
const DRAW_EVERY_MS = 80;

/** The call that an operator has opened: watch, listen, take over. */
export class OpenCall {
  readonly callSid: string;
  readonly heard = new Level();
  readonly spoken = new Level();
  muted = false;
  /** The browser is asking for the microphone. */
  opening = false;
  /** Why an action was refused. */
  problem = '';
  /** The instructions sent to the assistant, and why the last one was refused. */
  readonly told: string[] = [];
  guideProblem = '';
  over = false;
  /** Its files, once it is over. */
  finishing: FinishingCall | undefined;
  /** Its most recent state. */
  #last: DeskCall | undefined;
  readonly #link: DeskLink;
  readonly #changed: () => void;
  #listener: LiveListener | undefined;
  #microphone: SoundCard | undefined;
  #timer: number | undefined;
  #closed = false;

  constructor(callSid: string, link: DeskLink, changed: () => void) {
    this.callSid = callSid;
    this.#link = link;
    this.#changed = changed;
    this.arrived();
  }

  get call(): DeskCall | undefined {
    return (this.#last = this.#link.calls.get(this.callSid) ?? this.#last);
  }

  get listening(): boolean {
    return this.#listener !== undefined;
  }

  /** We hold the call, and the microphone is live. */
  get speaking(): boolean {
    return this.#microphone !== undefined && this.call?.operator === 'you';
  }

  /** The connection to the desk is open, initially or again. */
  arrived(): void {
    const { callSid } = this;
    this.#link.say({ type: 'watch', callSid });
    if (this.listening) this.#link.say({ type: 'listen', callSid, on: true });
  }

  listen(on: boolean): void {
    if (on === this.listening) return;
    this.#listener?.stop();
    this.#listener = on ? new LiveListener() : undefined;
    this.#link.say({ type: 'listen', callSid: this.callSid, on });
    this.#drawLevels();
  }

  /** The microphone opens first, so that no caller waits for an operator without a microphone. */
  async takeOver(): Promise<void> {
    this.problem = '';
    if (!this.#microphone && !(await this.#openMicrophone())) return;
    this.listen(true);
    this.#link.say({ type: 'takeOver', callSid: this.callSid });
  }

  handBack(): void {
    this.problem = '';
    this.#link.say({ type: 'handBack', callSid: this.callSid });
    this.#closeMicrophone();
  }

  hangUp(): void {
    this.problem = '';
    this.#link.say({ type: 'hangUp', callSid: this.callSid });
  }

  guide(text: string): void {
    this.guideProblem = '';
    this.told.push(text);
    this.#link.say({ type: 'guide', callSid: this.callSid, text });
    this.#changed();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.#microphone?.tell({ kind: 'mute', muted });
    this.#changed();
  }

  sound({ callSid, speaker, callMs, mulaw }: Extract<ToDesk, { type: 'sound' }>): void {
    // Operators must not hear their own voice with a delay.
    if (callSid !== this.callSid || (speaker === 'operator' && this.speaking)) return;
    const peak = this.#listener?.hear(speaker, callMs, fromBase64(mulaw));
    if (peak !== undefined) this.heard.hear(peak);
  }

  cut(callSid: string): void {
    if (callSid === this.callSid) this.#listener?.cut();
  }

  refused({ message, about }: Extract<ToDesk, { type: 'error' }>): void {
    if (about === 'guide') {
      this.told.pop();
      this.guideProblem = message;
      return;
    }
    this.problem = message;
    if (about === 'takeOver') this.#closeMicrophone();
  }

  /** The call has ended; its transcript stays visible. */
  gone(): void {
    this.over = true;
    this.finishing ??= new FinishingCall(this.callSid, this.#changed);
    this.#silence();
  }

  close(): void {
    this.#closed = true;
    this.finishing?.stop();
    if (this.call?.operator === 'you' && !this.over) this.handBack();
    if (!this.over) this.#link.say({ type: 'unwatch', callSid: this.callSid });
    this.#silence();
  }

  #silence(): void {
    this.listen(false);
    this.#closeMicrophone();
  }

  async #openMicrophone(): Promise<boolean> {
    this.opening = true;
    this.#changed();
    try {
      const microphone = await SoundCard.open((message) => {
        if (message.kind === 'frame') this.#speak(message.mulaw, message.peak);
      });
      microphone.onMicrophoneLost(() => this.#lostMicrophone());
      // The call may have ended or been closed while the browser asked for permission.
      if (this.over || this.#closed) void microphone.close();
      else this.#microphone = microphone;
    } catch (error) {
      this.problem = sentenceFor(error);
    }
    this.opening = false;
    this.#drawLevels();
    this.#changed();
    return this.#microphone !== undefined;
  }

  #speak(mulaw: Uint8Array, peak: number): void {
    this.spoken.hear(peak);
    if (this.speaking) this.#link.say({ type: 'speak', callSid: this.callSid, mulaw: toBase64(mulaw) });
  }

  /**
   * The microphone was unplugged or its permission revoked. An operator without a microphone must not hold the call
   * unknowingly.
   */
  #lostMicrophone(): void {
    this.problem = 'The microphone was disconnected. Press Take over again, or hand the call back.';
    this.#closeMicrophone();
  }

  #closeMicrophone(): void {
    void this.#microphone?.close();
    this.#microphone = undefined;
    this.muted = false;
    this.spoken.reset();
    this.#drawLevels();
  }

  #drawLevels(): void {
    clearInterval(this.#timer);
    this.#timer =
      this.#listener || this.#microphone ? window.setInterval(this.#changed, DRAW_EVERY_MS) : undefined;
    this.#changed();
  }
}
