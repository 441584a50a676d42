import type { searchHitResponse } from '../../src/api/call-responses.ts';
import { askServer, sentenceFor } from '../frame/ask-server.ts';
import { playedIn } from './recording-address.ts';
import type { RecordingList } from './recording-list.ts';

export type RecordingHit = Extract<ReturnType<typeof searchHitResponse>, { type: 'microphone' }>;

interface Answer {
  readonly hits: readonly RecordingHit[];
  readonly next?: string;
}

const PAGE = 25;

/** Searches what was said in microphone recordings. */
export class RecordingSearch {
  words = '';
  /** Undefined: nothing is searched. */
  hits: readonly RecordingHit[] | undefined;
  next: string | undefined;
  problem: string | undefined;
  readonly #list: RecordingList;
  readonly #changed: () => void;
  readonly #draw: () => void;
  #asked = 0;

  /** `draw` draws at once: a player must exist before it plays. */
  constructor(list: RecordingList, changed: () => void, draw: () => void) {
    this.#list = list;
    this.#changed = changed;
    this.#draw = draw;
  }

  async find(words: string): Promise<void> {
    this.words = words;
    this.hits = undefined;
    this.next = undefined;
    this.problem = undefined;
    if (words === '') this.#changed();
    else await this.more();
  }

  /** The next page of hits. */
  async more(): Promise<void> {
    const asked = (this.#asked += 1);
    const query = new URLSearchParams({ q: this.words, type: 'microphone', limit: String(PAGE) });
    if (this.next !== undefined) query.set('cursor', this.next);
    try {
      const { hits, next } = await askServer<Answer>(`/api/search?${String(query)}`);
      if (asked !== this.#asked) return;
      this.hits = [...(this.hits ?? []), ...hits];
      this.next = next;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = sentenceFor(error);
    }
    this.#changed();
  }

  /** Plays a recording from a time on. */
  async play(name: string, startMs: number): Promise<void> {
    this.#list.show(name);
    this.#draw();
    const player = [...document.querySelectorAll('audio')].find(
      (audio) => audio.getAttribute('aria-label') === `Play ${name}`,
    );
    if (!player) {
      this.problem = `${name} is no longer there.`;
      this.#changed();
      return;
    }
    player.scrollIntoView({ block: 'center' });
    player.focus();
    player.currentTime = startMs / 1_000;
    // A browser may refuse to play before the user has done anything; the player then stands at the time.
    await player.play().catch(() => undefined);
  }

  /** Plays what the address of the page names. */
  async openAddress(search: string): Promise<void> {
    const played = playedIn(search);
    if (played) await this.play(played.name, played.startMs);
  }
}
