import type { Item, Key, Table } from './table.ts';

/** An item is limited to 400 kB and holds up to three such texts. */
const INLINE_BYTES = 64_000;
const PART_BYTES = 350_000;

/** A text in an item: inline, or the keys of its parts. */
export interface LongText {
  readonly text?: string;
  readonly base?: string;
  readonly parts?: number;
}

/**
 * Prepares a text for an item of partition `pk`; a text that is too long is stored in separate items, named after
 * `base`.
 */
export function longText(pk: string, base: string, text: string): { value: LongText; items: Item[] } {
  if (Buffer.byteLength(text) <= INLINE_BYTES) return { value: { text }, items: [] };
  const bytes = Buffer.from(text);
  const parts = Math.ceil(bytes.length / PART_BYTES);
  const value = { base, parts };
  const items = partKeys(pk, value).map((key, index) => ({
    ...key,
    bytes: bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
  }));
  return { value, items };
}

function partKeys(pk: string, { base, parts = 0 }: LongText): Key[] {
  return Array.from({ length: parts }, (_, index) => ({
    pk,
    sk: `part#${base}#${String(index).padStart(3, '0')}`,
  }));
}

/** Reads the texts; undefined if a part no longer exists. */
export async function readTexts(
  table: Table,
  texts: readonly { readonly pk: string; readonly value: LongText }[],
): Promise<(string | undefined)[]> {
  const keys = texts.flatMap(({ pk, value }) => partKeys(pk, value));
  const found = new Map((await table.getMany(keys)).map((item) => [`${item.pk} ${item.sk}`, item]));
  return texts.map(({ pk, value }) => {
    if (value.text !== undefined) return value.text;
    const parts = partKeys(pk, value).map((key) => found.get(`${key.pk} ${key.sk}`)?.['bytes']);
    return parts.every((part) => part instanceof Uint8Array) ? Buffer.concat(parts).toString() : undefined;
  });
}
