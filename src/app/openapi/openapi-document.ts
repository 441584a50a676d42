import type { z } from 'zod';
import { callSid } from '../../http/call-sid-schema.ts';
import { type JsonSchema, schemaOf } from '../../http/json-schema.ts';
import { ROUTES, type Route } from './route-table.ts';
import { SOCKETS } from './socket-descriptions.ts';

/** The description of every route as OpenAPI 3.1, from the schemas that check the requests. */
export function openApiDocument(version: string): JsonSchema {
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
      description:
        'A telephone voice assistant that keeps a true record of every call. WebSockets, each message one JSON text, are under `x-websockets`.',
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
    'x-websockets': SOCKETS,
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
