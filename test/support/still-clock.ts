/** A clock that stands still unless the test moves it. */
export class StillClock {
  #nowMs: number;

  constructor(nowMs = Date.parse('2026-07-13T10:30:00Z')) {
    this.#nowMs = nowMs;
  }

  readonly now = (): number => this.#nowMs;

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
