import { randomUUID } from 'node:crypto';
import type { Afterwards } from './afterwards.ts';
import type { Eraser } from './eraser.ts';
import { filePlaceOf } from './file-place.ts';
import type { UnwrittenCalls } from './installation/unwritten-calls.ts';
import type { CaseChange } from './recording/case-notes.ts';
import { CatalogueDown, type Catalogue, type Hold, type Note } from './recording/catalogue.ts';
import type { FileStore } from './recording/file-store.ts';
import type { CallShelf, Erasure } from './web/calls-api.ts';

export interface PastCallsParts {
  readonly catalogue: Catalogue;
  readonly afterwards: Pick<Afterwards, 'change'>;
  readonly unwritten: Pick<UnwrittenCalls, 'reasonOf'>;
  readonly eraser: Eraser;
  /** Where the calls' files lie. Absolute. */
  readonly directory: string;
  readonly store?: FileStore;
  readonly now: () => number;
}

/** Past calls, their files and what people add to them, as the API asks for them. */
export function callShelf({
  catalogue,
  afterwards,
  unwritten,
  eraser,
  directory,
  store,
  now,
}: PastCallsParts): CallShelf {
  const change = async (callSid: string, change: CaseChange): Promise<boolean> => {
    const json = await afterwards.change(callSid, change);
    if (!json) return false;
    // What is asked for next is answered from the catalogue; one that is down is told when it is back.
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
    placeOf: (_callSid, file) => filePlaceOf(file, directory, store),
    addNote: async (callSid, text) => {
      const note: Note = { id: randomUUID(), atMs: Math.round(now()), text };
      return (await change(callSid, { kind: 'add-note', note })) ? note : undefined;
    },
    removeNote: (callSid, id) => change(callSid, { kind: 'remove-note', id }),
    setHold: (callSid, wanted) => {
      const hold: Hold | undefined = wanted && { ...wanted, sinceMs: Math.round(now()) };
      return change(callSid, { kind: 'hold', ...(hold && { hold }) });
    },
    erase: (callSid): Promise<Erasure> => eraser.erase(callSid, 'asked'),
  };
}

function unlessDown(error: unknown): void {
  if (!(error instanceof CatalogueDown)) throw error;
}
