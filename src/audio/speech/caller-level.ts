/** The weight of the latest turn in the level of a caller who becomes quieter. */
const QUIETER_WEIGHT = 0.5;
/** A voice this much quieter than the caller is another person, or a television. */
const BACKGROUND_DB = 10;

/** The three loudest of a number of 20 ms frames. The level of speech is that of the third: the loudest may be a click. */
export class LoudestFrames {
  #loudest = -100;
  #second = -100;
  #third = -100;

  add(dbfs: number): void {
    const level = Math.fround(dbfs);
    if (level <= this.#third) return;
    this.#third = Math.min(level, this.#second);
    this.#second = Math.min(Math.max(level, this.#second), this.#loudest);
    this.#loudest = Math.max(level, this.#loudest);
  }

  /** The level in dBFS; -100 with fewer than three frames. */
  get levelDbfs(): number {
    return this.#third;
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
