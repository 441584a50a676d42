import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { tooDeepAt } from './nesting.ts';
import type { LanguageRules, OwnTurnRules } from './turn-rules.ts';

type Node = Yaml.Node;

const MAX_BYTES = 1024 * 1024;
const MAX_PHRASES = 1_000;
const MAX_WORDS = 8;
const MAX_CHARACTERS = 80;
/** Further errors of a file are not shown. */
const MAX_ERRORS = 50;
/** ISO 639: two letters, or three. */
const LANGUAGE = /^[a-z]{2,3}$/u;
/** The keys of a language in the file. */
const LISTS = {
  assent: 'assent',
  'not-assent': 'notAssent',
  unfinished: 'unfinished',
  'not-unfinished': 'notUnfinished',
  farewells: 'farewells',
} as const;
const KEYS = Object.keys(LISTS).join(', ');

export type TurnRulesResult =
  | { readonly rules: OwnTurnRules; readonly errors?: undefined }
  | { readonly rules?: undefined; readonly errors: readonly string[] };

/** Reads a YAML file of rules for turns. The first 50 errors are returned, each with its line; a file with an error counts as a whole. */
export function readTurnRules(file: string): TurnRulesResult {
  let text: string;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return { errors: [`${file} cannot be read: it is no file`] };
    if (stat.size > MAX_BYTES) return { errors: [`${file} is larger than ${MAX_BYTES} bytes`] };
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not UTF-8 text' : (error as Error).message;
    return { errors: [`${file} cannot be read: ${reason}`] };
  }
  const reader = new RulesReader(file);
  const rules = reader.read(text);
  return reader.errors.length > 0 ? { errors: reader.errors } : { rules };
}

/** Loaded only with a file: the package would cost every start about 50 ms. */
function loadYaml(): typeof Yaml {
  return createRequire(import.meta.url)('yaml') as typeof Yaml;
}

class RulesReader {
  readonly errors: string[] = [];
  readonly #file: string;
  readonly #yaml = loadYaml();
  readonly #lines = new this.#yaml.LineCounter();

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string): OwnTurnRules {
    const deepAt = tooDeepAt(new this.#yaml.Parser(this.#lines.addNewLine).parse(text));
    if (deepAt !== undefined) {
      this.#fail(deepAt, 'lists within lists are too deep');
      return {};
    }
    // All scalars are texts: "no" and "on" are words here.
    const document = this.#yaml.parseDocument(text, {
      schema: 'failsafe',
      prettyErrors: false,
      // The package compares all keys with all others.
      uniqueKeys: false,
    });
    for (const { pos, message } of [...document.errors, ...document.warnings]) this.#fail(pos[0], message);
    if (this.errors.length > 0 || document.contents === null) return {};
    const languages = this.#pairs(document.contents, 'the file', 'languages, such as "de:"');
    return Object.fromEntries(
      languages.flatMap(({ key, at, value }) => {
        if (LANGUAGE.test(key)) return [[key, this.#language(key, value, at)]];
        this.#fail(at, `"${key}" is no language code of two or three small letters, such as "de"`);
        return [];
      }),
    );
  }

  #language(language: string, value: Node | undefined, at: number): LanguageRules {
    const rules = { assent: [], notAssent: [], unfinished: [], notUnfinished: [], farewells: [] };
    const lists = this.#pairs(value, `"${language}"`, KEYS, at);
    const given = lists.flatMap(({ key, at: keyAt, value: list }) => {
      if (Object.hasOwn(LISTS, key))
        return [[LISTS[key as keyof typeof LISTS], this.#phrases(key, list, keyAt)]];
      this.#fail(keyAt, `unknown key "${key}"; accepted keys are ${KEYS}`);
      return [];
    });
    return { ...rules, ...(Object.fromEntries(given) as Partial<LanguageRules>) };
  }

  #pairs(node: Node | undefined, what: string, accepts: string, at = 0) {
    const seen = new Set<string>();
    if (this.#yaml.isMap<Node, Node | null>(node))
      return node.items.flatMap(({ key, value }) => {
        const keyAt = key.range?.[0] ?? at;
        const name = this.#yaml.isScalar(key) ? String(key.value) : undefined;
        if (name !== undefined && !seen.has(name)) {
          seen.add(name);
          return [{ key: name, at: keyAt, value: value ?? undefined }];
        }
        this.#fail(keyAt, name === undefined ? 'a key must be a word' : `the key "${name}" occurs twice`);
        return [];
      });
    this.#fail(node?.range?.[0] ?? at, `${what} must contain ${accepts}`);
    return [];
  }

  #phrases(key: string, node: Node | undefined, at: number): readonly string[] {
    if (!this.#yaml.isSeq<Node>(node)) {
      this.#fail(node?.range?.[0] ?? at, `"${key}" must be a list: one phrase a line, after "- "`);
      return [];
    }
    if (node.items.length > MAX_PHRASES) this.#fail(at, `"${key}" has more than ${MAX_PHRASES} phrases`);
    return node.items.flatMap((item) => this.#phrase(item, at) ?? []);
  }

  #phrase(item: Node, at: number): string | undefined {
    const itemAt = item.range?.[0] ?? at;
    const phrase = this.#yaml.isScalar(item) ? plainPhrase(String(item.value)) : '';
    const isUsable =
      phrase !== '' && phrase.length <= MAX_CHARACTERS && phrase.split(' ').length <= MAX_WORDS;
    if (isUsable) return phrase;
    this.#fail(itemAt, `a phrase must be 1 to ${MAX_WORDS} words with at most ${MAX_CHARACTERS} characters`);
    return undefined;
  }

  #fail(offset: number, message: string): void {
    if (this.errors.length > MAX_ERRORS) return;
    if (this.errors.length === MAX_ERRORS) this.errors.push(`${this.#file} has more errors`);
    else this.errors.push(`${this.#file}, line ${this.#lines.linePos(offset).line}: ${message}`);
  }
}

/** As callers' texts are compared: lower case, single spaces, no punctuation around words. */
function plainPhrase(text: string): string {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('’', "'")
    .match(/[\p{L}\p{M}\p{N}]+(?:[-'][\p{L}\p{M}\p{N}]+)*/gu);
  return (words ?? []).join(' ');
}
