import type WaveSurfer from 'wavesurfer.js';
import { showCallWaveform } from '../sound/waveform.ts';

/** The sound of longer calls would fill a browser's memory to be drawn; they are played all the same. */
const LONGEST_DRAWN_MS = 60 * 60_000;
/** A line is shown as playing this long after its last word. */
const AFTER_MS = 400;

interface Timed {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Plays a call's recording, draws it, and knows which line is playing. */
export class Player {
  readonly element = document.createElement('audio');
  readonly waveform = document.createElement('div');
  /** Undefined until the sound has been read; 0 where it is too long to be drawn. */
  channels: number | undefined;
  trouble = '';
  #wave: WaveSurfer | undefined;
  readonly #changed: () => void;

  constructor(address: string, durationMs: number, changed: () => void) {
    this.#changed = changed;
    const { element, waveform } = this;
    element.controls = true;
    element.preload = 'metadata';
    element.setAttribute('aria-label', 'Recording');
    waveform.className = 'waveform';
    element.addEventListener('error', () => this.#failed('The recording cannot be played.'));
    for (const event of ['timeupdate', 'seeking', 'play', 'pause', 'ended'])
      element.addEventListener(event, changed);
    if (durationMs <= LONGEST_DRAWN_MS) this.#draw(address);
    else this.channels = 0;
    if (!this.#wave) element.src = address;
  }

  get nowMs(): number {
    return this.element.currentTime * 1_000;
  }

  /** The lines in which somebody is being heard. */
  playing(turns: readonly Timed[]): ReadonlySet<string> {
    const now = this.nowMs;
    if (this.element.paused && now === 0) return new Set();
    return new Set(
      turns.filter(({ startMs, endMs }) => startMs <= now && now < endMs + AFTER_MS).map(({ id }) => id),
    );
  }

  async playFrom(ms: number): Promise<void> {
    this.element.currentTime = ms / 1_000;
    // Some browsers play only what somebody has pressed a button for.
    await this.element.play().catch(() => undefined);
  }

  /** Without playing: for whoever comes from a search. */
  goTo(ms: number): void {
    const go = (): void => void (this.element.currentTime = ms / 1_000);
    if (this.element.readyState >= HTMLMediaElement.HAVE_METADATA) go();
    else this.element.addEventListener('loadedmetadata', go, { once: true });
  }

  #draw(address: string): void {
    const wave = showCallWaveform(this.waveform, this.element, address);
    this.#wave = wave;
    wave.on('decode', () => {
      this.channels = wave.getDecodedData()?.numberOfChannels ?? 1;
      this.#changed();
    });
    wave.on('error', () => {
      if (this.channels === undefined) this.#failed('The recording could not be read to be drawn.');
    });
  }

  #failed(sentence: string): void {
    this.trouble ||= sentence;
    this.#changed();
  }
}
