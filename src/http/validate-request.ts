import type { Request, Response } from 'express';
import type { z } from 'zod';
import { type InvalidField, sendProblem } from './problem-response.ts';
import { validationErrors } from './validation-errors.ts';

/** What a schema makes of a query; undefined after having answered 400 with everything that is wrong. */
export function validateQuery<S extends z.ZodObject>(
  schema: S,
  { query }: Request,
  response: Response,
): z.infer<S> | undefined {
  const empty = Object.keys(query).filter((field) => {
    const value = query[field];
    return typeof value === 'string' && value.trim() === '';
  });
  if (empty.length === 0) return checked(schema, query, response);
  const errors = empty.map((field) => ({ field, detail: 'must not be empty; leave it out instead' }));
  return refused(errors, response);
}

/** As `checkedQuery`, of a body that one of the parsers before has read. */
export function validateBody<S extends z.ZodObject>(
  schema: S,
  { body }: Request,
  response: Response,
  accepted = 'JSON (content-type: application/json)',
): z.infer<S> | undefined {
  if (body !== undefined) return checked(schema, body, response);
  const detail = `must be ${accepted} with ${Object.keys(schema.shape).join(', ')}`;
  return refused([{ field: 'body', detail }], response);
}

function checked<S extends z.ZodObject>(
  schema: S,
  sent: unknown,
  response: Response,
): z.infer<S> | undefined {
  const result = schema.safeParse(sent);
  return result.success ? result.data : refused(validationErrors(schema, sent, result.error), response);
}

function refused(errors: readonly InvalidField[], response: Response): undefined {
  const [first] = errors;
  sendProblem(response, 400, `${first?.field ?? 'The request'}: ${first?.detail ?? 'is not right'}.`, errors);
  return undefined;
}
