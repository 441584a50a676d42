import type { CallHit, SearchHit } from '../catalogue/catalogue.ts';
import type { CataloguedCall, CatalogueEntry, Note } from '../records/call-entry.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * A call in the API: times in ISO 8601, and links to its parts. `unwritten`: why its files could not be written.
 */
export function callResponse(call: CataloguedCall, unwritten?: string) {
  const { startedAtMs, completedAtMs, notes, hold, files, ...rest } = call;
  const base = `/api/calls/${call.callSid}`;
  const recording = files.find(({ kind }) => kind === 'recording');
  return {
    ...rest,
    startedAt: iso(startedAtMs),
    completedAt: completedAtMs === undefined ? undefined : iso(completedAtMs),
    files,
    unwritten,
    notes: notes.map(noteResponse),
    hold: hold && { since: iso(hold.sinceMs), reason: hold.reason },
    links: {
      self: base,
      audio: recording && `${base}/audio`,
      transcript: `${base}/transcript.txt`,
      summary: call.state === 'finished' ? `${base}/summary.txt` : undefined,
      record: call.state === 'finished' ? `${base}/record.json` : undefined,
    },
  };
}

export function entryResponse({ turns, ...call }: CatalogueEntry, unwritten?: string) {
  return { ...callResponse(call, unwritten), turns };
}

export function callHitResponse({ startedAtMs, ...hit }: CallHit) {
  return { ...hit, startedAt: iso(startedAtMs), call: `/api/calls/${hit.callSid}` };
}

/** A turn of a call, or an utterance of a microphone recording. */
export function searchHitResponse(hit: SearchHit) {
  if (hit.type === 'call') return callHitResponse(hit);
  const { startedAtMs, ...rest } = hit;
  return { ...rest, startedAt: iso(startedAtMs), recording: `/recordings/${encodeURIComponent(hit.name)}` };
}

export function noteResponse({ id, atMs, text }: Note) {
  return { id, at: iso(atMs), text };
}
