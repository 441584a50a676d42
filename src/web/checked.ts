import type { Response } from 'express';
import type { z } from 'zod';
import { sendProblem } from './problem.ts';

/** What a schema makes of what was sent; undefined after having answered 400 with everything that is wrong. */
export function checked<S extends z.ZodType>(
  schema: S,
  sent: unknown,
  response: Response,
): z.infer<S> | undefined {
  const result = schema.safeParse(sent);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message, ...issue }) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : undefined;
    return {
      field: unknown ? unknown.join(', ') : path.join('.') || 'body',
      detail: unknown ? `is not known here; known are ${keysOf(schema)}` : message,
    };
  });
  const [first] = errors;
  sendProblem(response, 400, `${first?.field ?? 'The request'}: ${first?.detail ?? 'is not right'}.`, errors);
  return undefined;
}

function keysOf(schema: z.ZodType): string {
  return 'shape' in schema && typeof schema.shape === 'object' ? Object.keys(schema.shape!).join(', ') : '';
}
