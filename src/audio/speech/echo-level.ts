/** How much quieter than it was sent an echo of our own voice returns on a line that is not known yet. */
const FIRST_LOSS_DB = 18;
/** Louder echoes are not expected on any line: callers could not interrupt any more. */
const LEAST_LOSS_DB = 10;
/** What is added to the usual level of the caller's side while we speak: the peaks of an echo are above it. */
const PEAKS_DB = 9;
/** The usual level: this share of the frames is louder, a caller who begins to speak among them. */
const LOUDER_SHARE = 0.1;
/** The number of 20 ms frames that determine it. */
const FRAMES = 150;
const LOWEST_DB = 100;

/** Learns how loud our own voice returns on a line, from what is heard while we speak. Most lines have no echo. */
export class EchoLevel {
  /** How far the latest frames were below our own audio: whole decibels. */
  readonly #losses = new Uint8Array(FRAMES);
  /** The number of these frames for each loss. */
  readonly #counts = new Uint8Array(LOWEST_DB + 1);
  #frames = 0;

  /** A frame of the caller's side while our own audio of this level is to be heard. */
  add(dbfs: number, ownDbfs: number): void {
    const at = this.#frames % FRAMES;
    if (this.#frames >= FRAMES) this.#counts[this.#losses[at]!]! -= 1;
    const loss = Math.round(Math.max(0, Math.min(LOWEST_DB, ownDbfs - dbfs)));
    this.#losses[at] = loss;
    this.#counts[loss]! += 1;
    this.#frames += 1;
  }

  /** The loudest that an echo of our own audio of this level may be, in dBFS. */
  most(ownDbfs: number): number {
    return ownDbfs - Math.max(LEAST_LOSS_DB, this.#usualLossDb() - PEAKS_DB);
  }

  #usualLossDb(): number {
    if (this.#frames < FRAMES) return FIRST_LOSS_DB + PEAKS_DB;
    let louder = 0;
    let loss = -1;
    while (louder <= FRAMES * LOUDER_SHARE) louder += this.#counts[(loss += 1)]!;
    return loss;
  }
}
