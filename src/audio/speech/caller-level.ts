/** The level of speech is that of its third loudest frame: the loudest may be a click. */
const RANK = 3;
/** The weight of the latest turn in the level of a caller who becomes quieter. */
const QUIETER_WEIGHT = 0.5;
/** A voice this much quieter than the caller is another person, or a television. */
const BACKGROUND_DB = 10;

/** The loudest of a number of 20 ms frames. */
export class LoudestFrames {
  readonly #dbfs = new Float32Array(RANK).fill(-100);

  add(dbfs: number): void {
    const least = this.#dbfs.indexOf(Math.min(...this.#dbfs));
    if (dbfs > this.#dbfs[least]!) this.#dbfs[least] = dbfs;
  }

  /** The level in dBFS; -100 with fewer than three frames. */
  get levelDbfs(): number {
    return Math.min(...this.#dbfs);
  }
}

/** How loud the caller speaks, learned from turns during which the assistant was silent. */
export class CallerLevel {
  #dbfs: number | undefined;

  learn({ levelDbfs }: LoudestFrames): void {
    const before = this.#dbfs ?? levelDbfs;
    this.#dbfs = levelDbfs >= before ? levelDbfs : before + QUIETER_WEIGHT * (levelDbfs - before);
  }

  /** True if the voice is too quiet to be the caller's. False as long as the caller's level is not known. */
  isBackground({ levelDbfs }: LoudestFrames): boolean {
    return this.#dbfs !== undefined && levelDbfs < this.#dbfs - BACKGROUND_DB;
  }
}
