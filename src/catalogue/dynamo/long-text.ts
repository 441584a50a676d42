import type { Item, Key, Table } from './table.ts';

/** An item may have 400 kB, and bears up to three such texts. */
const INLINE_BYTES = 64_000;
const PART_BYTES = 350_000;

/** A text in an item: itself, or where its parts lie. */
export interface LongText {
  readonly text?: string;
  readonly base?: string;
  readonly parts?: number;
}

/** A text for an item of the partition `pk`; what is too long for it comes as items of its own, named after `base`. */
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

/** The texts themselves, undefined where a part is not there any more. */
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
