import path from 'node:path';
import { writeDurably } from '../storage/durable-file.ts';
import { callRecordName } from '../storage/file-names.ts';
import type { Hold, Note } from './call-entry.ts';
import { type CallRecord, jsonText, readCallRecord } from './call-record.ts';

/** A change of a finished call's annotations. `hold` without a value removes the hold. */
export type Annotation =
  | { readonly kind: 'add-note'; readonly note: Note }
  | { readonly kind: 'remove-note'; readonly id: string }
  | { readonly kind: 'hold'; readonly hold?: Hold | undefined };

/** The directory of the calls' `.json` files. Absolute. */
export interface RecordDirectories {
  readonly directory: string;
  readonly temporary: string;
}

/** As `RecordDirectories`, with the lock to hold while a `.json` is changed. Absolute. */
export interface LockedDirectories extends RecordDirectories {
  readonly lock: string;
  readonly erasing: string;
}

/**
 * Changes notes and hold in a call's `.json`, which is synced when this returns, and returns its new content. Undefined if
 * there is no such finished call or note. Blocks, and must run under the lock: finalization replaces the same file.
 */
export function annotateCall(
  folder: RecordDirectories,
  callSid: string,
  change: Annotation,
): CallRecord | undefined {
  const json = readCallRecord(folder.directory, callSid);
  const changed = json && changedBy(json, change);
  if (changed)
    writeDurably(path.join(folder.directory, callRecordName(callSid)), folder.temporary, jsonText(changed));
  return changed;
}

function changedBy({ notes = [], hold, ...json }: CallRecord, change: Annotation): CallRecord | undefined {
  switch (change.kind) {
    case 'add-note':
      return withAdded(json, [...notes, change.note], hold);
    case 'remove-note': {
      const left = notes.filter(({ id }) => id !== change.id);
      return left.length === notes.length ? undefined : withAdded(json, left, hold);
    }
    case 'hold':
      return withAdded(json, notes, change.hold);
  }
}

function withAdded(
  json: Omit<CallRecord, 'notes' | 'hold'>,
  notes: readonly Note[],
  hold: Hold | undefined,
): CallRecord {
  return { ...json, notes: notes.length > 0 ? notes : undefined, hold };
}
