import { html, type TemplateResult } from 'lit';

/** The lowest level that the meter shows. */
const FLOOR_DB = -60;
/** Higher levels are too loud. */
const LOUD_DB = -3;
/** Decay per second; slow enough that a word stays visible after it has ended. */
const FALL_DB = 40;

export function decibels(peak: number): number {
  return peak > 0 ? Math.max(FLOOR_DB, 20 * Math.log10(peak)) : FLOOR_DB;
}

/** The displayed loudness: rises at once, falls slowly. */
export class Level {
  #db = FLOOR_DB;
  #atMs = 0;

  /** `peak`: 0 to 1. */
  hear(peak: number, atMs = performance.now()): void {
    this.#db = Math.max(decibels(peak), this.nowDb(atMs));
    this.#atMs = atMs;
  }

  nowDb(atMs = performance.now()): number {
    return Math.max(FLOOR_DB, this.#db - ((atMs - this.#atMs) / 1_000) * FALL_DB);
  }

  reset(): void {
    this.#db = FLOOR_DB;
  }
}

export function levelMeter(name: string, db: number): TemplateResult {
  const share = (db - FLOOR_DB) / -FLOOR_DB;
  return html`<div
    class="meter ${db > LOUD_DB ? 'loud' : ''}"
    role="meter"
    aria-label=${name}
    aria-valuemin=${FLOOR_DB}
    aria-valuemax="0"
    aria-valuenow=${Math.round(db)}
    aria-valuetext=${db <= FLOOR_DB ? 'silent' : `${Math.round(db)} decibels`}
  >
    <div .style=${`transform: scaleX(${share.toFixed(3)})`}></div>
  </div>`;
}
