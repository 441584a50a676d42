import type { z } from 'zod';
import { callSid } from './call-queries.ts';
import { fromDesk } from './desk-messages.ts';
import { fromMicrophone } from './dictation-messages.ts';
import { schemaOf, type JsonSchema } from './json-schema.ts';
import { ROUTES, type Route } from './routes.ts';

const SOCKETS = `
WebSockets, each message one JSON text; \`x-websockets\` holds the schemas of what the server takes.

- \`/media-stream\`: Twilio Media Streams, bidirectional, signed. A \`start\` carries the one-time token of the webhook's answer as a parameter.
- \`/phone/stream\`: the same messages from a browser, with the token of \`POST /phone/calls\`.
- \`/calls/live\`: the desk. It says \`welcome\`, \`call\`, \`gone\`, \`turns\`, \`sound\`, \`cut\` and \`error\`.
- \`/ws\`: live transcription. It says \`status\`, \`partial\`, \`transcription\` and \`error\`, those of a stream with
  \`startMs\` and \`endMs\`; where \`start\` has \`"progress": true\`, \`progress\`, too: up to \`untilMs\` all is written down. Who sends faster
  than texts come is not refused, but read no further until they have come.
`;

/** The description of every route as OpenAPI 3.1, from the schemas that check the requests. */
export function openApi(version: string): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/gu, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'offhook',
      version,
      description: `A telephone voice assistant that keeps a true record of every call.\n${SOCKETS}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN' },
        session: { type: 'apiKey', in: 'cookie', name: 'offhook_session' },
        twilio: { type: 'apiKey', in: 'header', name: 'X-Twilio-Signature' },
      },
    },
    'x-websockets': { '/calls/live': schemaOf(fromDesk), '/ws': schemaOf(fromMicrophone) },
  };
}

const PROBLEM: JsonSchema = {
  description: 'RFC 9457',
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { field: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
};

function operation(route: Route): JsonSchema {
  const { summary, tag, body, answers } = route;
  const parameters = [...pathParameters(route.path), ...queryParameters(route.query)];
  return {
    summary,
    tags: [tag],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: Object.fromEntries(body.types.map((type) => [type, { schema: body.schema }])),
      },
    }),
    responses: Object.fromEntries(
      Object.entries({ ...answers, ...refusals(route) }).map(([status, [meaning, type]]) => [
        status,
        { description: meaning, ...content(Number(status), type) },
      ]),
    ),
    security: route.open ? [] : route.signed ? [{ twilio: [] }] : [{ token: [] }, { session: [] }],
  };
}

function refusals({ open, signed }: Route): Route['answers'] {
  if (open || signed) return {};
  return {
    401: ['Who asks has to log in'],
    403: ['Only this very machine is served'],
    429: ['Too many attempts'],
  };
}

function content(status: number, type: string | undefined): JsonSchema {
  if (type !== undefined) return { content: { [type]: {} } };
  if (status < 400) return {};
  return { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/:(\w+)/gu)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'callSid' ? schemaOf(callSid) : { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | undefined): JsonSchema[] {
  if (!query) return [];
  const { properties = {} } = schemaOf(query) as { properties?: Readonly<Record<string, JsonSchema>> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema,
  }));
}
