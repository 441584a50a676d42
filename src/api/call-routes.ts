import { JSON_TYPE, jsonBody, route, type RouteDefinition } from '../http/route.ts';
import { callsQuery, holdBody, noteBody, searchQuery } from './call-schemas.ts';

const MAX_BODY_BYTES = 64 * 1024;
const NO_CALL = ['There is no such call'] as const;
const HOLD_LATER = [
  'The machine with the files of the call does not answer, and does it when it is back; `left` names it',
  JSON_TYPE,
] as const;
const NOT_FINISHED = ['The call is not finished yet'] as const;

export const CALL_ROUTES = {
  list: route({
    method: 'get',
    path: '/api/calls',
    tag: 'Calls',
    summary: 'Calls, latest first; with `q` the turns that contain the words, best match first',
    query: callsQuery,
    responses: {
      200: ['`calls`, or `hits` with `q`; `next` is the cursor of the next page', JSON_TYPE],
      400: ['A parameter is invalid'],
      503: ['The catalogue is down'],
    },
  }),
  search: route({
    method: 'get',
    path: '/api/search',
    tag: 'Calls',
    summary:
      'Turns of calls and utterances of microphone recordings that contain the words, best match first',
    query: searchQuery,
    responses: {
      200: [
        '`hits`, each with `type`, the time in the recording (`startMs`, `endMs`), `text`, and `call` or `recording`; `next` is the cursor of the next page',
        JSON_TYPE,
      ],
      400: ['A parameter is invalid'],
      503: ['The catalogue is down'],
    },
  }),
  get: route({
    method: 'get',
    path: '/api/calls/:callSid',
    tag: 'Calls',
    summary: 'A call with its turns, files and figures',
    responses: { 200: ['The call', JSON_TYPE], 404: NO_CALL },
  }),
  audio: route({
    method: 'get',
    path: '/api/calls/:callSid/audio',
    tag: 'Calls',
    summary: 'The recording; byte ranges are supported',
    responses: {
      200: ['The whole file', 'audio/*'],
      206: ['A part', 'audio/*'],
      302: ['The file is in the object store'],
      404: NO_CALL,
      409: NOT_FINISHED,
    },
  }),
  summary: route({
    method: 'get',
    path: '/api/calls/:callSid/summary.txt',
    tag: 'Calls',
    summary: 'The summary',
    responses: { 200: ['The file', 'text/plain'], 404: NO_CALL, 409: NOT_FINISHED },
  }),
  record: route({
    method: 'get',
    path: '/api/calls/:callSid/record.json',
    tag: 'Calls',
    summary:
      'The `.json` file of the call: all that the catalogue has, and the times of each reply (`timing`)',
    responses: {
      200: ['The file', JSON_TYPE],
      302: ['The file is in the object store'],
      404: NO_CALL,
      409: NOT_FINISHED,
    },
  }),
  transcript: route({
    method: 'get',
    path: '/api/calls/:callSid/transcript.:as',
    tag: 'Calls',
    summary: 'The transcript as txt, json or vtt',
    responses: { 200: ['The transcript'], 404: NO_CALL },
  }),
  addNote: route({
    method: 'post',
    path: '/api/calls/:callSid/notes',
    tag: 'Calls',
    summary: 'Adds a note to a finished call',
    body: jsonBody(noteBody, MAX_BODY_BYTES),
    responses: {
      201: ['The note', JSON_TYPE],
      400: ['The text is invalid'],
      404: NO_CALL,
      409: NOT_FINISHED,
    },
  }),
  removeNote: route({
    method: 'delete',
    path: '/api/calls/:callSid/notes/:id',
    tag: 'Calls',
    summary: 'Removes a note',
    responses: { 204: ['The note is removed'], 404: ['There is no such note'] },
  }),
  hold: route({
    method: 'put',
    path: '/api/calls/:callSid/hold',
    tag: 'Calls',
    summary: 'Places a call on hold: nothing of it is deleted until the hold is released',
    body: jsonBody(holdBody, MAX_BODY_BYTES),
    responses: {
      202: HOLD_LATER,
      204: ['The call is on hold'],
      400: ['The reason is invalid'],
      404: NO_CALL,
      409: NOT_FINISHED,
    },
  }),
  releaseHold: route({
    method: 'delete',
    path: '/api/calls/:callSid/hold',
    tag: 'Calls',
    summary: 'Releases the hold',
    responses: { 202: HOLD_LATER, 204: ['The hold is released'], 404: NO_CALL, 409: NOT_FINISHED },
  }),
  erase: route({
    method: 'delete',
    path: '/api/calls/:callSid',
    tag: 'Calls',
    summary: 'Deletes a call with all its files and entries',
    responses: {
      200: ['The receipt', JSON_TYPE],
      202: [
        'The deletion has started and will be completed: the object store, the database or another machine does not answer; `left` says what is pending',
        JSON_TYPE,
      ],
      404: NO_CALL,
      409: ['The call is live, or on hold'],
    },
  }),
} as const satisfies Record<string, RouteDefinition>;
