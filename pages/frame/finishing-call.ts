import type { entryResponse } from '../../src/api/call-responses.ts';
import { askServer } from './ask-server.ts';

/** Polling interval and maximum number of polls. */
const LOOK_AGAIN_MS = 1_000;
const MOST_LOOKS = 120;

type Finishing =
  { readonly state: 'being-made' | 'ready' | 'late' } | { readonly state: 'failed'; readonly reason: string };

/** Asks for the files of a call that has ended until they are ready. */
export class FinishingCall {
  now: Finishing = { state: 'being-made' };
  readonly #callSid: string;
  readonly #changed: () => void;
  #looks = 0;
  #timer: number | undefined;

  constructor(callSid: string, changed: () => void) {
    this.#callSid = callSid;
    this.#changed = changed;
    this.#timer = window.setTimeout(() => void this.#look(), LOOK_AGAIN_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    this.#looks += 1;
    this.now = await this.#found();
    if (this.#timer === undefined) return;
    if (this.now.state === 'being-made')
      this.#timer = window.setTimeout(() => void this.#look(), LOOK_AGAIN_MS);
    this.#changed();
  }

  async #found(): Promise<Finishing> {
    try {
      const address = `/api/calls/${encodeURIComponent(this.#callSid)}`;
      const { state, unwritten } = await askServer<ReturnType<typeof entryResponse>>(address);
      if (unwritten !== undefined) return { state: 'failed', reason: unwritten };
      if (state === 'finished') return { state: 'ready' };
    } catch {
      // The call is not in the catalogue yet, or the server is away: another look is due.
    }
    return { state: this.#looks < MOST_LOOKS ? 'being-made' : 'late' };
  }
}
