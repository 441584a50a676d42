import express, { type Request, type Response, Router } from 'express';
import type { CallFilter, Catalogue } from '../catalogue/catalogue.ts';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { callSid } from '../http/call-sid-schema.ts';
import { sendProblem } from '../http/problem-response.ts';
import { AUDIO_CACHING } from '../http/security-headers.ts';
import { validateBody, validateQuery } from '../http/validate-request.ts';
import type { CallFile, CatalogueEntry, Hold, Note } from '../records/call-entry.ts';
import type { Erasure } from '../records/erasure.ts';
import { transcriptVtt } from '../records/text/transcript-vtt.ts';
import { transcriptLines } from '../records/text/transcript.ts';
import { callResponse, entryResponse, noteResponse, searchHitResponse } from './call-responses.ts';
import { callsQuery, type CallsQuery, holdBody, noteBody } from './call-schemas.ts';
import { handleCatalogueErrors } from './catalogue-errors.ts';

/** Where a finished file is: on this machine, or at an address that may be read for a while. */
export type FileLocation = { readonly path: string } | { readonly url: string };

/** Past calls and what belongs to them. */
export interface CallRepository {
  readonly catalogue: Pick<Catalogue, 'get' | 'list' | 'search'>;
  /** Why a call's files could not be written; undefined where they are there or still to come. */
  unwritten(callSid: string): string | undefined;
  /** Undefined where it is gone. */
  placeOf(callSid: string, file: CallFile): Promise<FileLocation | undefined>;
  /** Undefined where there is no such finished call. */
  addNote(callSid: string, text: string): Promise<Note | undefined>;
  removeNote(callSid: string, id: string): Promise<boolean>;
  /** False where there is no such finished call. */
  setHold(callSid: string, hold: Omit<Hold, 'sinceMs'> | undefined): Promise<boolean>;
  /** Removes a call with everything of it; gives the receipt. */
  erase(callSid: string): Promise<Erasure>;
}

export interface CallsRouterOptions extends RequireAuthOptions {
  readonly shelf: CallRepository;
}

const LARGEST_BODY = '64kb';
const NOT_OVER = 'The call is not finished yet.';

/** `/api/calls`: lists, searches, calls, their audio and transcripts, notes, holds, removal. */
export function createCallsRouter(parts: CallsRouterOptions): Router {
  const { shelf } = parts;
  const router = Router();
  // Whatever JSON it is: what is wrong with it is said in our own words.
  const json = express.json({ limit: LARGEST_BODY, strict: false });
  router.use('/api/calls', requireAuth(parts));

  router.get(
    '/api/calls',
    handleCatalogueErrors(async (request, response) => {
      const query = validateQuery(callsQuery, request, response);
      if (query) response.json(await listed(shelf, query));
    }),
  );

  router.get(
    '/api/calls/:callSid',
    handleCatalogueErrors(async (request, response) => {
      const entry = await entryFor(shelf, request, response);
      if (entry) response.json(entryResponse(entry, shelf.unwritten(entry.callSid)));
    }),
  );

  router.get(
    '/api/calls/:callSid/audio',
    handleCatalogueErrors(async (request, response) => {
      await sendFile(shelf, 'recording', request, response);
    }),
  );

  router.get(
    '/api/calls/:callSid/summary.txt',
    handleCatalogueErrors(async (request, response) => {
      await sendFile(shelf, 'summary', request, response);
    }),
  );

  router.get(
    '/api/calls/:callSid/transcript.:as',
    handleCatalogueErrors(async (request, response) => {
      const entry = await entryFor(shelf, request, response);
      if (entry) sendTranscript(entry, String(request.params['as']), response);
    }),
  );

  router.post(
    '/api/calls/:callSid/notes',
    json,
    handleCatalogueErrors(async (request, response) => {
      const sid = checkedSid(request, response);
      const body = sid && validateBody(noteBody, request, response);
      if (!sid || !body) return;
      const note = await shelf.addNote(sid, body.text);
      if (note) response.status(201).json(noteResponse(note));
      else await refuseUnfinished(shelf, sid, response);
    }),
  );

  router.delete(
    '/api/calls/:callSid/notes/:id',
    handleCatalogueErrors(async (request, response) => {
      const sid = checkedSid(request, response);
      if (!sid) return;
      if (await shelf.removeNote(sid, String(request.params['id']))) response.status(204).end();
      else sendProblem(response, 404, 'There is no such note.');
    }),
  );

  router.put(
    '/api/calls/:callSid/hold',
    json,
    handleCatalogueErrors(async (request, response) => {
      const sid = checkedSid(request, response);
      const body = sid && validateBody(holdBody, request, response);
      if (!sid || !body) return;
      if (await shelf.setHold(sid, body)) response.status(204).end();
      else await refuseUnfinished(shelf, sid, response);
    }),
  );

  router.delete(
    '/api/calls/:callSid/hold',
    handleCatalogueErrors(async (request, response) => {
      const sid = checkedSid(request, response);
      if (!sid) return;
      if (await shelf.setHold(sid, undefined)) response.status(204).end();
      else await refuseUnfinished(shelf, sid, response);
    }),
  );

  router.delete(
    '/api/calls/:callSid',
    handleCatalogueErrors(async (request, response) => {
      const sid = checkedSid(request, response);
      if (sid) sendErasure(await shelf.erase(sid), response);
    }),
  );
  return router;
}

async function listed(shelf: CallRepository, query: CallsQuery): Promise<unknown> {
  const { q, speaker, limit, cursor } = query;
  const page = { limit, ...(cursor !== undefined && { cursor }) };
  const filter = filterOf(query);
  if (q === undefined) {
    const { items, next } = await shelf.catalogue.list(filter, page);
    const calls = items.map((call) => callResponse(call, shelf.unwritten(call.callSid)));
    return { calls, ...(next !== undefined && { next }) };
  }
  const found = await shelf.catalogue.search({ ...filter, words: q, ...(speaker && { speaker }) }, page);
  return { hits: found.items.map(searchHitResponse), ...(found.next !== undefined && { next: found.next }) };
}

function filterOf(query: CallsQuery): CallFilter {
  const { from, before, number, minSeconds, maxSeconds, outcome, state } = query;
  return {
    ...(from !== undefined && { fromMs: from }),
    ...(before !== undefined && { beforeMs: before }),
    ...(number !== undefined && { number }),
    ...(minSeconds !== undefined && { minDurationMs: minSeconds * 1_000 }),
    ...(maxSeconds !== undefined && { maxDurationMs: maxSeconds * 1_000 }),
    ...(outcome && { outcome }),
    ...(state && { state }),
  };
}

function checkedSid(request: Request, response: Response): string | undefined {
  const sid = callSid.safeParse(request.params['callSid']);
  if (!sid.success) sendProblem(response, 404, 'There is no such call.');
  return sid.data;
}

async function entryFor(
  shelf: CallRepository,
  request: Request,
  response: Response,
): Promise<CatalogueEntry | undefined> {
  const sid = checkedSid(request, response);
  if (!sid) return undefined;
  const entry = await shelf.catalogue.get(sid);
  if (!entry) sendProblem(response, 404, 'There is no such call.');
  return entry;
}

/** With `Range`, `ETag` and `If-Modified-Since` as browsers' players want them. */
async function sendFile(
  shelf: CallRepository,
  kind: CallFile['kind'],
  request: Request,
  response: Response,
): Promise<void> {
  const entry = await entryFor(shelf, request, response);
  if (!entry) return;
  const file = entry.files.find((one) => one.kind === kind);
  const place = file && (await shelf.placeOf(entry.callSid, file));
  if (!file || !place) {
    if (entry.state !== 'finished') sendProblem(response, 409, NOT_OVER);
    else sendProblem(response, 404, `The call has no ${kind}.`);
    return;
  }
  if ('url' in place) {
    response.redirect(302, place.url);
    return;
  }
  response.set('content-disposition', `inline; filename="${file.name}"`);
  if (kind === 'recording') response.set('cache-control', AUDIO_CACHING);
  await new Promise<void>((resolve, reject) => {
    response.sendFile(place.path, { dotfiles: 'allow' }, (error?: NodeJS.ErrnoException) => {
      // A player that goes elsewhere in the file ends the answer, and that is no mistake.
      if (!error || error.code === 'ECONNABORTED' || response.headersSent) resolve();
      else reject(error);
    });
  });
}

function sendTranscript(entry: CatalogueEntry, as: string, response: Response): void {
  const name = `call_${entry.callSid}`;
  const send = (type: string, text: string): void => {
    response.set('content-disposition', `inline; filename="${name}.${as}"`).type(type).send(text);
  };
  if (as === 'txt')
    send(
      'text/plain',
      transcriptLines(entry.turns)
        .map((line) => `${line}\n`)
        .join(''),
    );
  else if (as === 'vtt') send('text/vtt', transcriptVtt(entry.turns));
  else if (as === 'json') response.json({ callSid: entry.callSid, turns: entry.turns });
  else sendProblem(response, 404, 'A transcript comes as transcript.txt, transcript.json or transcript.vtt.');
}

async function refuseUnfinished(shelf: CallRepository, sid: string, response: Response): Promise<void> {
  if (await shelf.catalogue.get(sid)) sendProblem(response, 409, NOT_OVER);
  else sendProblem(response, 404, 'There is no such call.');
}

function sendErasure(erasure: Erasure, response: Response): void {
  switch (erasure.outcome) {
    case 'erased':
      response.json(erasure.receipt);
      break;
    case 'under-way':
      response.status(202).json(erasure.receipt);
      break;
    case 'no-such-call':
      sendProblem(response, 404, 'There is no such call.');
      break;
    case 'live':
      sendProblem(response, 409, `${NOT_OVER} It can be removed when it is.`);
      break;
    case 'held':
      sendProblem(response, 409, 'The call is on hold; take the hold away first.');
  }
}
