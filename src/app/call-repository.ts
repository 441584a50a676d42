import { randomUUID } from 'node:crypto';
import type { CallRepository } from '../api/calls-router.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../events/clock.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Annotation } from '../records/annotations.ts';
import { type Hold, type Note } from '../records/call-entry.ts';
import type { Erasure, HoldResult } from '../records/erasure.ts';
import type { UnwrittenCalls } from '../storage/unwritten-calls.ts';
import { locateFile } from './file-location.ts';
import type { OwnCallFiles, SharedChanges } from './machines/tasks/shared-changes.ts';

export interface CallRepositoryOptions {
  readonly catalogue: Catalogue;
  /** Finished calls of this directory. */
  readonly files: OwnCallFiles;
  /** Those of other machines; undefined: this machine is alone. */
  readonly shared?: SharedChanges | undefined;
  readonly unwritten: Pick<UnwrittenCalls, 'reasonOf'>;
  /** The absolute path of the recordings directory. */
  readonly directory: string;
  readonly store?: ObjectStore | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** What the API needs: past calls, their files, annotations and erasure. */
export function createCallRepository({
  catalogue,
  files,
  shared,
  unwritten,
  directory,
  store,
  clock,
}: CallRepositoryOptions): CallRepository {
  const change = async (callSid: string, change: Annotation): Promise<boolean> => {
    if (await files.annotate(callSid, change)) return true;
    return (await shared?.annotate(callSid, change)) ?? false;
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
    setHold: async (callSid, wanted): Promise<HoldResult> => {
      const hold: Hold | undefined = wanted && { ...wanted, sinceMs: Math.round(clock.now()) };
      if (await change(callSid, { kind: 'hold', hold })) return { outcome: 'set' };
      return (await shared?.holdLater(callSid, hold, catalogue)) ?? { outcome: 'no-such-call' };
    },
    erase: (callSid): Promise<Erasure> =>
      shared ? shared.erase(files, callSid, 'asked') : files.eraser.erase(callSid, 'asked'),
  };
}
