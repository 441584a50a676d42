import type { RequestHandler, Response, Router } from 'express';
import type { CallFilter, Catalogue, PageRequest } from '../catalogue/catalogue.ts';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { callSid } from '../http/call-sid-schema.ts';
import { sendProblem } from '../http/problem-response.ts';
import { type RouteRequest, RouteRouter } from '../http/route-router.ts';
import type { CatalogueEntry, Hold, Note } from '../records/call-entry.ts';
import type { Erasure, HoldResult } from '../records/erasure.ts';
import { type LocateFile, NOT_FINISHED, sendCallFile, sendTranscript } from './call-files.ts';
import {
  callHitResponse,
  callResponse,
  entryResponse,
  noteResponse,
  searchHitResponse,
} from './call-responses.ts';
import { CALL_ROUTES } from './call-routes.ts';
import type { CallsQuery, FindQuery } from './call-schemas.ts';
import { catalogueErrors } from './catalogue-errors.ts';

/** Past calls and what belongs to them. */
export interface CallRepository {
  readonly catalogue: Pick<Catalogue, 'get' | 'list' | 'search'>;
  /** Why a call's files could not be written; undefined if they are written or pending. */
  unwritten(callSid: string): string | undefined;
  readonly placeOf: LocateFile;
  /** Undefined if there is no such finished call. */
  addNote(callSid: string, text: string): Promise<Note | undefined>;
  removeNote(callSid: string, id: string): Promise<boolean>;
  setHold(callSid: string, hold: Omit<Hold, 'sinceMs'> | undefined): Promise<HoldResult>;
  /** Deletes a call with everything that belongs to it. */
  erase(callSid: string): Promise<Erasure>;
}

export interface CallsRouterOptions extends RequireAuthOptions {
  readonly calls: CallRepository;
}

type AnyRequest = Pick<RouteRequest<never, never>, 'request' | 'response'>;

/** `/api/calls`: lists, searches, calls, their audio and transcripts, notes, holds, deletion. */
export function createCallsRouter({ authenticator, calls }: CallsRouterOptions): Router {
  const guard = requireAuth({ authenticator });
  const routes = new RouteRouter({ login: guard });
  // Unknown paths below it need a login, too.
  routes.router.use('/api/calls', guard);
  routes.router.param('callSid', checkCallSid);
  addReadingRoutes(routes, calls);
  addAnnotationRoutes(routes, calls);
  routes.add(CALL_ROUTES.erase, async ({ request, response }) =>
    sendErasure(await calls.erase(callSidOf(request)), response),
  );
  return routes.router.use(catalogueErrors);
}

function addReadingRoutes(routes: RouteRouter, calls: CallRepository): void {
  const withEntry = (use: (entry: CatalogueEntry, route: AnyRequest) => void | Promise<void>) => {
    return async (route: AnyRequest): Promise<void> => {
      const entry = await calls.catalogue.get(callSidOf(route.request));
      if (entry) await use(entry, route);
      else sendProblem(route.response, 404, NO_CALL);
    };
  };
  const send = (kind: 'recording' | 'summary' | 'json') =>
    withEntry((entry, { response }) => sendCallFile(entry, kind, calls.placeOf, response));
  routes
    .add(CALL_ROUTES.list, async ({ query, response }) => void response.json(await listed(calls, query)))
    .add(CALL_ROUTES.search, async ({ query, response }) => void response.json(await found(calls, query)))
    .add(
      CALL_ROUTES.get,
      withEntry((entry, { response }) => {
        response.json(entryResponse(entry, calls.unwritten(entry.callSid)));
      }),
    )
    .add(CALL_ROUTES.audio, send('recording'))
    .add(CALL_ROUTES.summary, send('summary'))
    .add(CALL_ROUTES.record, send('json'))
    .add(
      CALL_ROUTES.transcript,
      withEntry((entry, { request, response }) =>
        sendTranscript(entry, String(request.params['as']), response),
      ),
    );
}

function addAnnotationRoutes(routes: RouteRouter, calls: CallRepository): void {
  const setHold = async ({ request, response }: AnyRequest, hold: Omit<Hold, 'sinceMs'> | undefined) => {
    const sid = callSidOf(request);
    const result = await calls.setHold(sid, hold);
    if (result.outcome === 'set') response.status(204).end();
    else if (result.outcome === 'pending') response.status(202).json({ left: result.left });
    else await refuseUnfinished(calls, sid, response);
  };
  routes
    .add(CALL_ROUTES.addNote, async ({ request, response, body }) => {
      const sid = callSidOf(request);
      const note = await calls.addNote(sid, body.text);
      if (note) response.status(201).json(noteResponse(note));
      else await refuseUnfinished(calls, sid, response);
    })
    .add(CALL_ROUTES.removeNote, async ({ request, response }) => {
      const removed = await calls.removeNote(callSidOf(request), String(request.params['id']));
      if (removed) response.status(204).end();
      else sendProblem(response, 404, 'There is no such note.');
    })
    .add(CALL_ROUTES.hold, (route) => setHold(route, route.body))
    .add(CALL_ROUTES.releaseHold, (route) => setHold(route, undefined));
}

async function listed(calls: CallRepository, query: CallsQuery): Promise<unknown> {
  const { q, speaker, limit, cursor } = query;
  const page: PageRequest = { limit, cursor };
  const filter = filterOf(query);
  if (q === undefined) {
    const { items, next } = await calls.catalogue.list(filter, page);
    return { calls: items.map((call) => callResponse(call, calls.unwritten(call.callSid))), next };
  }
  const { items, next } = await calls.catalogue.search({ ...filter, words: q, speaker, type: 'call' }, page);
  return { hits: items.flatMap((hit) => (hit.type === 'call' ? [callHitResponse(hit)] : [])), next };
}

async function found(calls: CallRepository, query: FindQuery): Promise<unknown> {
  const { q: words, speaker, type, limit, cursor } = query;
  const asked = { ...filterOf(query), words, speaker, type };
  const { items, next } = await calls.catalogue.search(asked, { limit, cursor });
  return { hits: items.map(searchHitResponse), next };
}

function filterOf({
  from,
  before,
  number,
  minSeconds,
  maxSeconds,
  outcome,
  state,
}: Omit<CallsQuery, 'q'>): CallFilter {
  return {
    fromMs: from,
    beforeMs: before,
    number,
    minDurationMs: minSeconds === undefined ? undefined : minSeconds * 1_000,
    maxDurationMs: maxSeconds === undefined ? undefined : maxSeconds * 1_000,
    outcome,
    state,
  };
}

const NO_CALL = 'There is no such call.';

const checkCallSid: Parameters<Router['param']>[1] = (_request, response, next, value: unknown) => {
  if (callSid.safeParse(value).success) next();
  else sendProblem(response, 404, NO_CALL);
};

function callSidOf(request: Parameters<RequestHandler>[0]): string {
  return String(request.params['callSid']);
}

async function refuseUnfinished(calls: CallRepository, sid: string, response: Response): Promise<void> {
  if (await calls.catalogue.get(sid)) sendProblem(response, 409, NOT_FINISHED);
  else sendProblem(response, 404, NO_CALL);
}

function sendErasure(erasure: Erasure, response: Response): void {
  switch (erasure.outcome) {
    case 'erased':
      response.json(erasure.receipt);
      break;
    case 'incomplete':
      response.status(202).json(erasure.receipt);
      break;
    case 'no-such-call':
      sendProblem(response, 404, NO_CALL);
      break;
    case 'live':
      sendProblem(response, 409, `${NOT_FINISHED} It can be removed when it is.`);
      break;
    case 'held':
      sendProblem(response, 409, 'The call is on hold; take the hold away first.');
  }
}
