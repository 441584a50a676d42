import type { CatalogueEntry, UnannotatedCall } from '../../../records/call-entry.ts';
import type { TranscriptTurn } from '../../../records/text/transcript.ts';
import { INDEXED_WORDS, indexWord, wordsOf } from '../../words.ts';
import { belongsToCall, type Head } from '../call-head.ts';
import { indexMarksOf, nameKey, placeKey, wordPartition } from '../keys.ts';
import { type LongText, longText, readTexts } from '../long-text.ts';
import type { Item, Key, Table } from '../table.ts';

/** The number of turns that one index item per word covers, so that a call of any length fits. */
const TURNS_A_BLOCK = 500;

/** A turn as written by one write. Immutable; a later write adds another version. */
export interface TurnItem extends Key {
  readonly turn: string;
  readonly seq: number;
  /** The turns of a write that one index item covers. */
  readonly block: string;
  /** The position of the block's index items. */
  readonly place: string;
  /** Order among turns of the same moment. */
  readonly order: string;
  readonly body: LongText;
  /** A later write added another version of the turn. */
  readonly old?: boolean;
}

/** Turns and their search tokens. */
export interface WrittenTurns {
  readonly items: readonly Item[];
  readonly postings: readonly Item[];
}

/** The items for turns of write `head.seq`. `orders`: of the existing turns. */
export function turnItems(
  head: Head,
  call: UnannotatedCall,
  turns: readonly TranscriptTurn[],
  orders: ReadonlyMap<string, string>,
): WrittenTurns {
  const items: Item[] = [];
  const postings: Item[] = [];
  const place = placeKey(call);
  const different = [...new Map(turns.map((turn) => [nameKey(turn.id), turn])).entries()];
  for (let from = 0; from < different.length; from += TURNS_A_BLOCK) {
    const some = different.slice(from, from + TURNS_A_BLOCK);
    const block = `${padded(head.seq, 15)}.${padded(from / TURNS_A_BLOCK, 4)}`;
    for (const [index, [turn, { ...said }]] of some.entries()) {
      const sk = `turn#${turn}#${block}`;
      const { value: body, items: parts } = longText(head.pk, sk, JSON.stringify(said));
      const order = orders.get(turn) ?? `${padded(head.seq, 15)}.${padded(from + index, 6)}`;
      items.push({ pk: head.pk, sk, turn, seq: head.seq, block, place, order, body }, ...parts);
    }
    postings.push(...postingsOf(`${place}#${block}`, some, indexMarksOf(call)));
  }
  return { items, postings };
}

/** For each word of a block, the turns in which it was heard, by speaker. */
function postingsOf(
  sk: string,
  turns: readonly (readonly [string, TranscriptTurn])[],
  tails: readonly string[],
): Item[] {
  const words = new Map<string, Record<string, string[]>>();
  for (const [key, { text, speaker }] of turns) {
    for (const word of indexedWords(text)) {
      const spoken = words.get(word) ?? {};
      words.set(word, spoken);
      (spoken[speaker] ??= []).push(key);
    }
  }
  const ends = tails.join(' ');
  return [...words].map(([word, spoken]) => ({ pk: wordPartition(word), sk, ends, ...spoken }));
}

function indexedWords(text = ''): Set<string> {
  return new Set(wordsOf(text).slice(0, INDEXED_WORDS).map(indexWord));
}

/** The index items of turns to be deleted. */
export async function postingKeys(table: Table, turns: readonly TurnItem[]): Promise<Key[]> {
  const bodies = await bodiesOf(table, turns);
  const keys = new Map<string, Key>();
  for (const [index, { place, block }] of turns.entries()) {
    const sk = `${place}#${block}`;
    for (const word of indexedWords(bodies[index]?.text)) {
      const pk = wordPartition(word);
      keys.set(`${pk} ${sk}`, { pk, sk });
    }
  }
  return [...keys.values()];
}

/** The spoken text; undefined if it is being deleted at this moment. */
export async function bodiesOf(
  table: Table,
  turns: readonly TurnItem[],
): Promise<(TranscriptTurn | undefined)[]> {
  const texts = await readTexts(
    table,
    turns.map(({ pk, body }) => ({ pk, value: body })),
  );
  return texts.map((text) => (text === undefined ? undefined : (JSON.parse(text) as TranscriptTurn)));
}

/** The last valid version of each turn. */
export function currentItems(head: Head, items: readonly Item[]): TurnItem[] {
  const last = new Map<string, TurnItem>();
  for (const item of items as unknown as readonly TurnItem[]) {
    // In key order: later writes after earlier ones.
    if (item.sk.startsWith('turn#') && belongsToCall(head, item.seq)) last.set(item.turn, item);
  }
  return [...last.values()];
}

/** Turns ordered by the beginning of their speech; undefined if one is being deleted at this moment. */
export async function turnsOf(
  table: Table,
  items: readonly TurnItem[],
): Promise<CatalogueEntry['turns'] | undefined> {
  const inOrder = [...items].sort((one, other) => (one.order < other.order ? -1 : 1));
  const turns = await bodiesOf(table, inOrder);
  if (turns.includes(undefined)) return undefined;
  return (turns as TranscriptTurn[]).sort((one, other) => one.startMs - other.startMs);
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
