import { z } from 'zod';
import { createDocument, type oas31 } from 'zod-openapi';
import { callSid } from '../../http/call-sid-schema.ts';
import type { Access, RouteBody, RouteDefinition, RouteResponses } from '../../http/route.ts';
import { OPENAPI_SECURITY } from './security-schemes.ts';

const PROBLEM = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    errors: z.array(z.looseObject({ field: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

/** Responses of every route that requires a login. */
const AUTH_RESPONSES: RouteResponses = {
  401: ['Authentication required'],
  403: ['Only requests from this machine are served'],
  429: ['Too many attempts or requests; see `Retry-After`'],
};

const LOGIN: oas31.SecurityRequirementObject[] = [{ token: [] }, { session: [] }];
const SECURITY: Readonly<Record<Access, oas31.SecurityRequirementObject[]>> = {
  login: LOGIN,
  page: LOGIN,
  signed: [{ twilio: [] }],
  open: [],
};

/** The OpenAPI 3.1 document of routes, with the schemas that validate their requests. */
export function openApiDocument(version: string, routes: readonly RouteDefinition[]): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/gu, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'offhook',
      version,
      description:
        'A telephone voice assistant that keeps an accurate record of every call. `GET /asyncapi.json` describes the WebSockets.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    // Relative to the address of this document: a proxy may have put the server below a prefix.
    servers: [{ url: '.' }],
    components: { securitySchemes: OPENAPI_SECURITY },
  });
}

function operation(route: RouteDefinition) {
  const { path, summary, tag, access = 'login', query, body, responses } = route;
  const hasLogin = access === 'login' || access === 'page';
  const all = hasLogin ? { ...responses, ...AUTH_RESPONSES } : responses;
  return {
    operationId: operationId(route),
    // Viewers show summaries as plain text.
    summary: summary.replaceAll('`', ''),
    tags: [tag],
    requestParams: { path: pathParameters(path), query: query ?? z.object({}) },
    requestBody: body && { required: true, content: contentOf(body) },
    responses: Object.fromEntries(
      Object.entries(all).map(([status, [description, type]]) => [
        status,
        { description, content: responseContent(Number(status), type) },
      ]),
    ),
    security: SECURITY[access],
  };
}

/** `get-api-calls-callSid`: also the fragment of `/docs` that leads to the route. */
function operationId({ method, path }: RouteDefinition): string {
  return [method, ...path.split(/[^a-zA-Z0-9]+/u).filter((part) => part !== '')].join('-');
}

function contentOf({ types, schema }: RouteBody) {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function responseContent(status: number, type: string | undefined) {
  if (type !== undefined) return { [type]: {} };
  return status < 400 ? undefined : { 'application/problem+json': { schema: PROBLEM } };
}

function pathParameters(path: string): z.ZodObject {
  const names = [...path.matchAll(/:(\w+)/gu)].map(([, name]) => name!);
  return z.object(Object.fromEntries(names.map((name) => [name, name === 'callSid' ? callSid : z.string()])));
}
