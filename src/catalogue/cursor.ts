import { createHash } from 'node:crypto';
import { BadQuery, LARGEST_PAGE, type PageRequest } from './catalogue.ts';

/** A position in a list, as encoded in a cursor. */
export type CursorPosition = readonly (string | number | null)[];

/**
 * Encodes a position as opaque text. `asked`: everything that identifies the list; a cursor of another list is
 * rejected.
 */
export function writeCursor(asked: unknown, place: CursorPosition): string {
  return Buffer.from(JSON.stringify([signOf(asked), ...place])).toString('base64url');
}

/** Decodes a position. `shape`: one letter per value: s for text, n for a number, N for a number or null. */
export function readCursor(asked: unknown, cursor: string, shape: string): CursorPosition {
  const [sign, ...place] = parsed(cursor);
  const fits = place.length === shape.length && place.every((value, index) => isOf(value, shape[index]!));
  if (sign !== signOf(asked) || !fits || writeCursor(asked, place as CursorPosition) !== cursor)
    throw new BadQuery(
      'This cursor is not one of this list: leave it out to begin, or give the last page’s next.',
    );
  return place as CursorPosition;
}

/** Rejects page sizes outside the allowed range. */
export function checkLimit({ limit }: PageRequest): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
    throw new BadQuery(`A page has 1 to ${LARGEST_PAGE} items.`);
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}

function isOf(value: unknown, kind: string): boolean {
  if (kind === 's') return typeof value === 'string';
  if (kind === 'N' && value === null) return true;
  return typeof value === 'number' && Number.isFinite(value);
}

function signOf(asked: unknown): string {
  return createHash('sha256').update(JSON.stringify(asked, sortedKeys)).digest('base64url').slice(0, 8);
}

/** Normalises a request: the order of its fields does not matter. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
