import type WaveSurfer from 'wavesurfer.js';
import { showCallWaveform } from '../sound/waveform.ts';

/** Decoding longer calls to draw the waveform would fill a browser's memory; they can still be played. */
const LONGEST_DRAWN_MS = 60 * 60_000;
/** A line stays highlighted this long after its last word. */
const AFTER_MS = 400;

interface Timed {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Plays and draws the recording of a call, and knows which lines are playing. */
export class Player {
  readonly element = document.createElement('audio');
  readonly waveform = document.createElement('div');
  /** Undefined until the audio has been decoded; 0 if it cannot be drawn. */
  channels: number | undefined;
  problem = '';
  #wave: WaveSurfer | undefined;
  /** The link was renewed, and nothing has been played since. */
  #renewed = false;
  readonly #address: string;
  readonly #changed: () => void;

  constructor(address: string, durationMs: number, changed: () => void) {
    this.#changed = changed;
    this.#address = address;
    const { element, waveform } = this;
    element.controls = true;
    element.preload = 'metadata';
    element.setAttribute('aria-label', 'Recording');
    waveform.className = 'waveform';
    element.addEventListener('error', () => this.#renew());
    element.addEventListener('playing', () => (this.#renewed = false));
    for (const event of ['timeupdate', 'seeking', 'play', 'pause', 'ended'])
      element.addEventListener(event, changed);
    if (durationMs <= LONGEST_DRAWN_MS) this.#draw(address);
    else this.channels = 0;
    if (!this.#wave) element.src = address;
  }

  get nowMs(): number {
    return this.element.currentTime * 1_000;
  }

  /** The lines that are playing. */
  playing(turns: readonly Timed[]): ReadonlySet<string> {
    const now = this.nowMs;
    if (this.element.paused && now === 0) return new Set();
    return new Set(
      turns.filter(({ startMs, endMs }) => startMs <= now && now < endMs + AFTER_MS).map(({ id }) => id),
    );
  }

  async playFrom(ms: number): Promise<void> {
    this.element.currentTime = ms / 1_000;
    // Some browsers play only after a user gesture.
    await this.element.play().catch(() => undefined);
  }

  /** Seeks without playing, for a link from a search. */
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
    // An external store may allow playing but not reading.
    wave.on('error', () => {
      if (this.channels !== undefined) return;
      this.channels = 0;
      if (!this.element.currentSrc) this.element.src = address;
      this.#changed();
    });
  }

  /** A link into the store expires. Loading our own address again gives a new one; the position is kept. */
  #renew(): void {
    if (this.#renewed) {
      this.#failed('The recording could not be played.');
      return;
    }
    this.#renewed = true;
    const { currentTime, paused } = this.element;
    this.element.src = this.#address;
    const resume = (): void => {
      this.element.currentTime = currentTime;
      // Some browsers play only after a user gesture.
      if (!paused) void this.element.play().catch(() => undefined);
    };
    this.element.addEventListener('loadedmetadata', resume, { once: true });
    this.element.load();
  }

  #failed(sentence: string): void {
    this.problem ||= sentence;
    this.#changed();
  }
}
