/** A sentence shorter than this is spoken together with the next one. */
const MIN_CHARACTERS = 8;
/** A longer sentence is split at its last comma, or else at its last space. */
const MAX_CHARACTERS = 280;
const NOT_AN_END = /(?:^|\s)(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|approx|e\.g|i\.e|z\.B|bzw|ca|vs|etc|[A-Z])\.$/u;

/** Splits streaming text into sentences, so that one can be spoken while the next is written. */
export class SentenceSplitter {
  #rest = '';

  add(text: string): string[] {
    this.#rest += text;
    const sentences: string[] = [];
    for (let end = this.#nextEnd(); end > 0; end = this.#nextEnd()) {
      const sentence = oneLine(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end);
      if (sentence) sentences.push(sentence);
    }
    return sentences;
  }

  /** Returns the rest at the end of the text. */
  flush(): string[] {
    const sentence = oneLine(this.#rest);
    this.#rest = '';
    return sentence ? [sentence] : [];
  }

  #nextEnd(): number {
    for (const match of this.#rest.matchAll(/[.!?…]+["'”’)\]]*(?=\s)|[。！？]|\n+/gu)) {
      const end = match.index + match[0].length;
      const sentence = this.#rest.slice(0, end);
      if (sentence.trim().length < MIN_CHARACTERS || NOT_AN_END.test(sentence)) continue;
      return end;
    }
    if (this.#rest.length <= MAX_CHARACTERS) return 0;
    const head = this.#rest.slice(0, MAX_CHARACTERS);
    const comma = Math.max(head.lastIndexOf(', '), head.lastIndexOf('; '));
    return comma > MIN_CHARACTERS ? comma + 1 : Math.max(head.lastIndexOf(' '), 0) || MAX_CHARACTERS;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
