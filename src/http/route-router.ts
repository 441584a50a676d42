import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { z } from 'zod';
import { type Access, FORM_TYPE, JSON_TYPE, type RouteBody, type RouteDefinition } from './route.ts';
import { validateBody, validateQuery } from './validate-request.ts';

const MAX_FORM_FIELDS = 200;

/** What a handler gets: validated query and body; the body is unknown if its definition says that the handler checks it. */
export interface RouteRequest<Q extends z.ZodObject, B extends z.ZodType> {
  readonly request: Request;
  readonly response: Response;
  readonly query: z.infer<Q>;
  readonly body: z.infer<B>;
}

export type RouteHandler<Q extends z.ZodObject, B extends z.ZodType> = (
  route: RouteRequest<Q, B>,
) => void | Promise<void>;

/** The check for each kind of access that a router's routes have. */
export type Guards = Readonly<Partial<Record<Access, RequestHandler>>>;

/** An Express router of defined routes. */
export class RouteRouter {
  readonly router: Router = Router();
  readonly #guards: Guards;

  constructor(guards: Guards) {
    this.#guards = guards;
  }

  /** Binds a handler to a route. `before` runs before the query and body are validated. */
  add<Q extends z.ZodObject, B extends z.ZodType>(
    definition: RouteDefinition<Q, B>,
    handler: RouteHandler<Q, B>,
    ...before: RequestHandler[]
  ): this {
    const handlers = [...this.#checks(definition), ...before];
    this.router[definition.method](definition.path, ...handlers, async (request, response) => {
      const query = definition.query ? validateQuery(definition.query, request, response) : {};
      if (query === undefined) return;
      const body = bodyOf(definition.body, request, response);
      if (body === undefined && definition.body && !definition.body.unchecked) return;
      await handler({ request, response, query: query as z.infer<Q>, body: body as z.infer<B> });
    });
    return this;
  }

  /** Signatures are over the body, so it is parsed first; other requests are not parsed before they are admitted. */
  #checks({ access = 'login', body, path }: RouteDefinition): RequestHandler[] {
    const parsers = body ? parsersFor(body) : [];
    if (access === 'open') return parsers;
    const guard = this.#guards[access];
    if (!guard) throw new Error(`the router of ${path} has no guard for "${access}"`);
    return access === 'signed' ? [...parsers, guard] : [guard, ...parsers];
  }
}

/** Any JSON value is parsed, so that our own validation describes what is wrong with it. */
function parsersFor({ types, maxBytes }: RouteBody): RequestHandler[] {
  const parsers: RequestHandler[] = [];
  if (types.includes(JSON_TYPE)) parsers.push(express.json({ limit: maxBytes, strict: false }));
  if (types.includes(FORM_TYPE))
    parsers.push(express.urlencoded({ extended: false, limit: maxBytes, parameterLimit: MAX_FORM_FIELDS }));
  return parsers;
}

function bodyOf(body: RouteBody | undefined, request: Request, response: Response): unknown {
  if (!body || body.unchecked) return request.body;
  const accepted = body.types.includes(FORM_TYPE) ? 'JSON or a form' : undefined;
  return validateBody(body.schema as z.ZodObject, request, response, accepted);
}
