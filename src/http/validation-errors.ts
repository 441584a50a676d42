import type { z } from 'zod';
import type { InvalidField } from './problem-response.ts';

/** All errors of a request by field; each detail is the end of a sentence that says what is accepted. */
export function validationErrors(schema: z.ZodObject, sent: unknown, error: z.ZodError): InvalidField[] {
  return error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(schema.shape).join(', ');
      return { field: issue.keys.join(', '), detail: `is not known here; known are ${known}` };
    }
    return { field: issue.path.join('.') || 'body', detail: detailOf(issue, valueAt(sent, issue.path)) };
  });
}

/** The schemas have their own messages, except for wrong types and missing values. */
function detailOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_value') return `must be ${oneOf(issue.values)}`;
  if (issue.code === 'invalid_type' && value === undefined) return 'is missing';
  if (issue.code === 'invalid_type' && isOwn(issue.expected))
    return `must be ${KINDS[issue.expected]}, and is ${kindOf(value)}`;
  return issue.message;
}

const KINDS = { string: 'one text', object: 'an object', boolean: 'true or false', array: 'a list' } as const;

function isOwn(expected: string): expected is keyof typeof KINDS {
  return Object.hasOwn(KINDS, expected);
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;
}

function valueAt(sent: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Readonly<Record<PropertyKey, unknown>> | null)?.[key],
    sent,
  );
}

/** The type of a JSON value, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
