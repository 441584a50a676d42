import type { Request, Response } from 'express';
import type { z } from 'zod';
import { type InvalidField, sendProblem } from './problem-response.ts';
import { validationErrors } from './validation-errors.ts';

/** The validated query; undefined if it is invalid and 400 was sent with all errors. */
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

/** The validated body; undefined if it is invalid and 400 was sent with all errors. */
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
  sendProblem(response, 400, `${first?.field ?? 'The request'}: ${first?.detail ?? 'is not valid'}.`, errors);
  return undefined;
}
