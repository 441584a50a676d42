import { RETRACT } from '../../../call/ports.ts';
import { HeldText } from './held-text.ts';
import { LONGEST_TAG, readCompleteTag, readThoughtTag, TAG_START, type ThoughtTag } from './thought-tags.ts';

/**
 * Removes thoughts, tool calls and template tokens from a model's text, which may be split anywhere. A closing tag without an
 * opening one retracts everything before it: the templates of some models (DeepSeek-R1) contain the opening tag.
 */
export class ThoughtFilter {
  /** Any of these ends the current thought; undefined outside of thoughts. */
  #endings: readonly string[] | undefined;
  readonly #held = new HeldText();
  #ended = false;
  #isStruck = false;
  /** Text that is supposed to be thoughts, because a closing tag is expected; undefined if none is, or if it has come. */
  #supposedThoughts: string | undefined;
  readonly #seen = { words: false, tags: false, retraction: false };

  /** `thoughtsFirst`: a closing tag without an opening one is expected. If it does not come, all text is the reply. */
  constructor(options: { readonly thoughtsFirst?: boolean | undefined } = {}) {
    if (options.thoughtsFirst) this.#supposedThoughts = '';
  }

  /** True if words came before a closing tag without an opening one. */
  get retracted(): boolean {
    return this.#seen.retraction;
  }

  /** True if anything was removed. */
  get removed(): boolean {
    return this.#seen.tags;
  }

  /** The text of the reply in this piece; `RETRACT` in it applies to all text before it. */
  add(piece: string): (string | typeof RETRACT)[] {
    this.#held.add(piece);
    return this.#withoutSupposedThoughts(this.#filtered(false));
  }

  /** The text that was held back because a tag could begin in it. */
  end(): (string | typeof RETRACT)[] {
    const parts = this.#withoutSupposedThoughts(this.#filtered(true));
    const all = this.#supposedThoughts;
    this.#supposedThoughts = undefined;
    return all ? [all, ...parts] : parts;
  }

  #withoutSupposedThoughts(parts: (string | typeof RETRACT)[]): (string | typeof RETRACT)[] {
    if (this.#supposedThoughts === undefined) return parts;
    const end = parts.lastIndexOf(RETRACT);
    if (end >= 0) {
      this.#supposedThoughts = undefined;
      return parts.slice(end + 1);
    }
    this.#supposedThoughts += parts.join('');
    return [];
  }

  #filtered(complete: boolean): (string | typeof RETRACT)[] {
    const parts: (string | typeof RETRACT)[] = [];
    while (this.#held.text !== '' && !this.#ended) {
      const step = this.#endings === undefined ? this.#readReply(complete) : this.#skipThought(this.#endings);
      if (step === undefined) break;
      if (step !== '') parts.push(step);
    }
    if (complete || this.#ended) this.#held.clear();
    return parts;
  }

  /** Skips the thought; undefined if its end has not arrived. */
  #skipThought(endings: readonly string[]): '' | undefined {
    const text = this.#held.text.toLowerCase();
    const [first] = endings
      .map((ending) => ({ ending, at: text.indexOf(ending) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at);
    if (first === undefined) {
      const kept = Math.max(...endings.map(({ length }) => length));
      this.#held.take(Math.max(0, this.#held.text.length - kept));
      return undefined;
    }
    this.#held.take(first.at + first.ending.length);
    this.#endings = undefined;
    return '';
  }

  /** The text before the next tag, or the effect of the tag; undefined if more text is needed. */
  #readReply(complete: boolean): string | typeof RETRACT | undefined {
    for (const { index } of this.#held.text.matchAll(TAG_START)) {
      const rest = this.#held.text.slice(index, index + LONGEST_TAG);
      const tag = complete ? readCompleteTag(rest) : readThoughtTag(rest);
      if (tag === undefined) continue;
      if (index > 0) return this.#take(index);
      return tag === 'more' ? undefined : this.#applyTag(tag);
    }
    return this.#take(this.#held.text.length);
  }

  #take(length: number): string {
    const text = this.#held.take(length);
    this.#seen.words ||= text.trim() !== '';
    return text;
  }

  #applyTag({ length, kind, endings }: ThoughtTag): '' | typeof RETRACT {
    this.#held.take(length);
    this.#seen.tags = true;
    if (kind === 'thought') {
      this.#endings = endings;
      // The opening tag came after all: no closing tag without one is expected.
      if (this.#supposedThoughts?.trim() === '') this.#supposedThoughts = undefined;
    }
    // `<s>50</s>` within words is struck text in HTML; at the start it is a token.
    const endsStruck = kind === 'struck-end' && this.#isStruck;
    if (kind === 'struck') this.#isStruck = this.#seen.words;
    if (endsStruck) this.#isStruck = false;
    else if (kind === 'end' || kind === 'struck-end') this.#ended = true;
    if (kind !== 'retraction') return '';
    this.#seen.retraction ||= this.#seen.words;
    return RETRACT;
  }
}
