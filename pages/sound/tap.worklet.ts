/** Passes the microphone's samples on in blocks. */
class Tap extends AudioWorkletProcessor {
  readonly #block = new Float32Array(1_024);
  #filled = 0;
  #stopped = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.port.postMessage(this.#block.slice(0, this.#filled));
      this.port.postMessage('end');
      this.#stopped = true;
    };
  }

  process([microphone]: Float32Array[][]): boolean {
    for (const sample of microphone?.[0] ?? []) {
      this.#block[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled < this.#block.length) continue;
      this.#filled = 0;
      this.port.postMessage(this.#block.slice());
    }
    return !this.#stopped;
  }
}

registerProcessor('tap', Tap);
