import type { z } from 'zod';

export type RouteTag = 'Calls' | 'Telephone' | 'Recordings' | 'Server' | 'Pages' | 'Login';

/**
 * Who may use a route. `login`: local requests, sessions and the API token; `page`: the same, with a redirect to the login
 * page; `signed`: requests signed by Twilio; `open`: everyone.
 */
export type Access = 'login' | 'page' | 'signed' | 'open';

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';
export const MULTIPART_TYPE = 'multipart/form-data';

/** The request body. JSON and forms are parsed; a multipart body is read by the handler. */
export interface RouteBody<B extends z.ZodType = z.ZodType> {
  readonly types: readonly (typeof JSON_TYPE | typeof FORM_TYPE | typeof MULTIPART_TYPE)[];
  readonly schema: B;
  readonly maxBytes: number;
  /** The handler validates the body itself, for errors in its own words. */
  readonly unchecked?: true;
}

/** Status → its meaning, and the media type of the response. */
export type RouteResponses = Readonly<Record<number, readonly [meaning: string, type?: string]>>;

/** The only definition of a route: router, parsing, validation, access, 405 responses and OpenAPI follow from it. */
export interface RouteDefinition<Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As Express writes it: `/api/calls/:callSid`. */
  readonly path: string;
  readonly tag: RouteTag;
  readonly summary: string;
  /** Default: `login`. */
  readonly access?: Access;
  readonly query?: Q;
  readonly body?: RouteBody<B>;
  readonly responses: RouteResponses;
}

/** A route definition with the exact types of its query and body. */
export function route<Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodType>(
  definition: RouteDefinition<Q, B>,
): RouteDefinition<Q, B> {
  return definition;
}

/** A body of validated JSON. */
export function jsonBody<B extends z.ZodObject>(schema: B, maxBytes: number): RouteBody<B> {
  return { types: [JSON_TYPE], schema, maxBytes };
}
