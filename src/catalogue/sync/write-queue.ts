import { type CataloguedCall, type CatalogueEntry } from '../../records/call-entry.ts';
import type { LiveChanges } from '../../records/live-transcript.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import { type Catalogue, CatalogueDown } from '../catalogue.ts';

/** While the catalogue is down it is asked again after so long: doubling, up to the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Turns of live calls that wait for the catalogue; beyond it they wait for the call's end, which enters them all. */
const MOST_TURNS_WAITING = 20_000;

/** Which calls are still to be entered, where it outlives the process. */
export interface PendingCalls {
  add(callSid: string): void;
  done(callSid: string): void;
}

export interface CatalogueWriteQueueOptions {
  readonly catalogue: Catalogue;
  readonly toEnter: PendingCalls;
  /** A finished call from its files; undefined where it is not finished, or has been removed. */
  readonly entryOf: (callSid: string) => Promise<CatalogueEntry | undefined>;
  readonly isFinished: (callSid: string) => boolean;
  /** The catalogue is down, or answers again. */
  readonly told: (news: 'down' | 'up', error?: unknown) => void;
  /** One call cannot be entered; it is left out. */
  readonly refused: (callSid: string, error: unknown) => void;
}

interface Waiting {
  call?: Omit<CataloguedCall, 'notes' | 'hold'>;
  readonly turns: Map<string, TranscriptTurn>;
}

/**
 * Enters calls into the catalogue, as they go on and when they are finished. Nothing waits for it: what the catalogue does
 * not take now it is given later, and a finished call that was never entered is known by its file.
 */
export class CatalogueWriteQueue {
  readonly #parts: CatalogueWriteQueueOptions;
  readonly #live = new Map<string, Waiting>();
  readonly #finished = new Set<string>();
  #turnsWaiting = 0;
  #working: Promise<void> | undefined;
  #down = false;
  #retryAtMs = 0;
  #retryMs = FIRST_RETRY_MS;

  constructor(parts: CatalogueWriteQueueOptions) {
    this.#parts = parts;
  }

  /** Calls of which something is still to be entered. */
  get waiting(): number {
    return new Set([...this.#live.keys(), ...this.#finished]).size;
  }

  get down(): boolean {
    return this.#down;
  }

  /** A call begins: should this process die, the next one knows that it is to be entered. */
  begin(callSid: string): void {
    this.#parts.toEnter.add(callSid);
  }

  /** What of a live call has changed. */
  changed(callSid: string, { call, turns }: LiveChanges): void {
    if (!call && turns.length === 0) return;
    const waiting: Waiting = this.#live.get(callSid) ?? { turns: new Map() };
    this.#live.set(callSid, waiting);
    if (call) waiting.call = call;
    for (const turn of turns) {
      if (!waiting.turns.has(turn.id)) {
        if (this.#turnsWaiting >= MOST_TURNS_WAITING) continue;
        this.#turnsWaiting += 1;
      }
      waiting.turns.set(turn.id, turn);
    }
  }

  /** A call's files are there, or there anew. */
  finished(callSid: string): void {
    this.#parts.toEnter.add(callSid);
    this.#finished.add(callSid);
    this.#forgetLive(callSid);
  }

  /** Writes what waits; to be called every quarter of a second. A round under way is not joined by another. */
  tick(atMs: number): void {
    if (this.#working || atMs < this.#retryAtMs) return;
    if (this.#live.size === 0 && this.#finished.size === 0) return;
    this.#working = this.#round(atMs).finally(() => (this.#working = undefined));
  }

  /** Resolves when the round that is under way is over. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** One last round; what the catalogue does not take now is known by its file. */
  async stop(atMs: number): Promise<void> {
    await this.#working;
    if (!this.#down) await this.#round(atMs);
  }

  async #round(atMs: number): Promise<void> {
    try {
      if (this.#down) await this.#parts.catalogue.open();
      for (const callSid of [...this.#live.keys()]) await this.#enterLive(callSid);
      for (const callSid of [...this.#finished]) await this.#enterFinished(callSid);
      this.#retryMs = FIRST_RETRY_MS;
      if (this.#down) this.#parts.told('up');
      this.#down = false;
    } catch (error) {
      if (!this.#down) this.#parts.told('down', error);
      this.#down = true;
      this.#retryAtMs = atMs + this.#retryMs;
      this.#retryMs = Math.min(LONGEST_RETRY_MS, 2 * this.#retryMs);
    }
  }

  async #enterLive(callSid: string): Promise<void> {
    const waiting = this.#forgetLive(callSid);
    if (!waiting) return;
    const { call, turns } = waiting;
    try {
      await this.#orRefuse(callSid, async () => {
        if (call) await this.#parts.catalogue.putCall(call);
        if (turns.size > 0) await this.#parts.catalogue.putTurns(callSid, [...turns.values()]);
      });
    } catch (error) {
      this.#waitAgain(callSid, waiting);
      throw error;
    }
  }

  /** What came meanwhile is newer. */
  #waitAgain(callSid: string, { call, turns }: Waiting): void {
    if (this.#finished.has(callSid)) return;
    const newer = this.#forgetLive(callSid);
    this.changed(callSid, { ...(call && { call }), turns: [...turns.values()] });
    if (newer)
      this.changed(callSid, { ...(newer.call && { call: newer.call }), turns: [...newer.turns.values()] });
  }

  async #enterFinished(callSid: string): Promise<void> {
    this.#finished.delete(callSid);
    try {
      await this.#orRefuse(callSid, async () => {
        const entry = await this.#parts.entryOf(callSid);
        if (entry) await this.#parts.catalogue.putEntry(entry);
        // It may have been erased while it was being entered.
        if (!this.#parts.isFinished(callSid)) await this.#parts.catalogue.remove(callSid);
      });
      if (!this.#finished.has(callSid)) this.#parts.toEnter.done(callSid);
    } catch (error) {
      this.#finished.add(callSid);
      throw error;
    }
  }

  /** Only a catalogue that is down is asked again: what it will never take must not hold up the rest. */
  async #orRefuse(callSid: string, enter: () => Promise<void>): Promise<void> {
    try {
      await enter();
    } catch (error) {
      if (error instanceof CatalogueDown) throw error;
      this.#parts.refused(callSid, error);
    }
  }

  #forgetLive(callSid: string): Waiting | undefined {
    const waiting = this.#live.get(callSid);
    if (!waiting) return undefined;
    this.#live.delete(callSid);
    this.#turnsWaiting -= waiting.turns.size;
    return waiting;
  }
}
