import { randomUUID } from 'node:crypto';
import type { CallRepository } from '../api/calls-router.ts';
import { type Catalogue, CatalogueDown } from '../catalogue/catalogue.ts';
import type { Clock } from '../events/clock.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Annotation } from '../records/annotations.ts';
import { type Hold, type Note } from '../records/call-entry.ts';
import type { CallRecord } from '../records/call-record.ts';
import type { Erasure } from '../records/erasure.ts';
import type { CallEraser } from '../retention/call-eraser.ts';
import type { UnwrittenCalls } from '../storage/unwritten-calls.ts';
import { locateFile } from './file-location.ts';

/** Changes notes and hold of finished calls. */
export interface CallAnnotator {
  annotate(callSid: string, change: Annotation): Promise<CallRecord | undefined>;
}

export interface CallRepositoryOptions {
  readonly catalogue: Catalogue;
  readonly annotator: CallAnnotator;
  readonly unwritten: Pick<UnwrittenCalls, 'reasonOf'>;
  readonly eraser: CallEraser;
  /** The absolute path of the recordings directory. */
  readonly directory: string;
  readonly store?: ObjectStore | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** What the API needs: past calls, their files, annotations and erasure. */
export function createCallRepository({
  catalogue,
  annotator,
  unwritten,
  eraser,
  directory,
  store,
  clock,
}: CallRepositoryOptions): CallRepository {
  const change = async (callSid: string, change: Annotation): Promise<boolean> => {
    const json = await annotator.annotate(callSid, change);
    if (!json) return false;
    // Requests read annotations from the catalogue. If it is down, `CatalogueWriteQueue` updates it later.
    await (
      change.kind === 'hold'
        ? catalogue.putHold(callSid, json.hold)
        : catalogue.putNotes(callSid, json.notes ?? [])
    ).catch(unlessDown);
    return true;
  };
  return {
    catalogue,
    unwritten: (callSid) => unwritten.reasonOf(callSid),
    placeOf: (_callSid, file) => locateFile(file, directory, store),
    addNote: async (callSid, text) => {
      const note: Note = { id: randomUUID(), atMs: Math.round(clock.now()), text };
      return (await change(callSid, { kind: 'add-note', note })) ? note : undefined;
    },
    removeNote: (callSid, id) => change(callSid, { kind: 'remove-note', id }),
    setHold: (callSid, wanted) => {
      const hold: Hold | undefined = wanted && { ...wanted, sinceMs: Math.round(clock.now()) };
      return change(callSid, { kind: 'hold', hold });
    },
    erase: (callSid): Promise<Erasure> => eraser.erase(callSid, 'asked'),
  };
}

function unlessDown(error: unknown): void {
  if (!(error instanceof CatalogueDown)) throw error;
}
