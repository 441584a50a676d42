import { STATUS_CODES } from 'node:http';

/** What a problem's body is to be. `detail`: a text, or a matcher of one. */
export function problem(status: number, detail: unknown): Record<string, unknown> {
  return { type: 'about:blank', title: STATUS_CODES[status], status, detail };
}
