import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { CallFigures } from '../reconstructed-call.ts';

/** Counts frames, marks and irregularities of a call. */
export class FiguresFold {
  readonly figures: CallFigures = {
    framesReceived: 0,
    framesLate: 0,
    gapsMs: 0,
    longestGapMs: 0,
    interruptions: 0,
    marksSent: 0,
    marksReturned: 0,
    oddities: 0,
    serviceFailures: 0,
    answerMs: [],
    bargeInMs: [],
  };
  #serviceFailures = 0;
  /** Stream time at which the last frame ended. */
  #frameEndMs = 0;

  take(event: CallEvent): void {
    switch (event.kind) {
      case 'stream':
        this.#frameEndMs = 0;
        break;
      case 'caller':
        this.#countFrame(event);
        break;
      case 'mark-sent':
        this.figures.marksSent += 1;
        break;
      case 'mark-back':
        this.figures.marksReturned += 1;
        break;
      case 'clear':
        this.figures.interruptions += 1;
        break;
      case 'oddity':
        this.figures.oddities += 1;
        break;
      case 'draft-discarded':
        this.figures.discardedDrafts = (this.figures.discardedDrafts ?? 0) + 1;
        break;
      case 'answer':
        if (event.answer.error !== undefined && event.answer.error !== 'cancelled')
          this.#serviceFailures += 1;
        this.figures.serviceFailures = this.#serviceFailures;
        break;
      default:
        break;
    }
  }

  #countFrame(event: Extract<CallEvent, { kind: 'caller' }>): void {
    this.figures.framesReceived += 1;
    const gapMs = event.streamMs - this.#frameEndMs;
    if (gapMs < -1) this.figures.framesLate += 1;
    if (gapMs > 1) {
      this.figures.gapsMs += gapMs;
      this.figures.longestGapMs = Math.max(this.figures.longestGapMs, gapMs);
    }
    this.#frameEndMs = Math.max(this.#frameEndMs, event.streamMs + event.samples / SAMPLES_PER_MS);
  }
}
