import { sentenceFor } from '../frame/ask-server.ts';
import { size } from '../frame/moments.ts';
import type { Operation, Schema } from './description.ts';
import { at } from '../frame/root.ts';

/** Longer response bodies are truncated. */
const MOST_SHOWN = 20_000;
const JSON_TYPE = 'application/json';
const MULTIPART = 'multipart/form-data';

/** The response. */
export interface Answer {
  readonly status: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** The form for a request body: a JSON text, or the fields of a form. */
export type BodyForm =
  | { readonly kind: 'json'; readonly example: string }
  | { readonly kind: 'fields'; readonly type: string; readonly fields: Readonly<Record<string, Schema>> };

export function bodyFormOf({ requestBody }: Operation): BodyForm | undefined {
  if (!requestBody) return undefined;
  const [type = JSON_TYPE, { schema = {} } = {}] = Object.entries(requestBody.content)[0] ?? [];
  if (type === JSON_TYPE) return { kind: 'json', example: JSON.stringify(exampleOf(schema), null, 2) };
  return { kind: 'fields', type, fields: schema.properties ?? {} };
}

/** Sends a request to one route from a form and shows the response. */
export class Trial {
  answer: Answer | undefined;
  problem = '';
  busy = false;
  readonly #operation: Operation;
  readonly #changed: () => void;

  constructor(operation: Operation, changed: () => void) {
    this.#operation = operation;
    this.#changed = changed;
  }

  async send(form: FormData): Promise<void> {
    this.busy = true;
    this.problem = '';
    this.#changed();
    try {
      const { method } = this.#operation;
      const response = await fetch(at(this.#address(form)), {
        method: method.toUpperCase(),
        ...this.#body(form),
      });
      this.answer = await answerOf(response);
    } catch (error) {
      this.problem = `No response: ${sentenceFor(error)}`;
      this.answer = undefined;
    }
    this.busy = false;
    this.#changed();
  }

  #address(form: FormData): string {
    const query = new URLSearchParams();
    let { path } = this.#operation;
    for (const { name, in: where } of this.#operation.parameters ?? []) {
      const value = textOf(form, `${where}-${name}`);
      if (where === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
      else if (value !== '') query.set(name, value);
    }
    return query.size > 0 ? `${path}?${query.toString()}` : path;
  }

  #body(form: FormData): Pick<RequestInit, 'body' | 'headers'> {
    const wanted = bodyFormOf(this.#operation);
    if (!wanted) return {};
    if (wanted.kind === 'json') return { body: textOf(form, 'body'), headers: { 'content-type': JSON_TYPE } };
    const fields = wanted.type === MULTIPART ? new FormData() : new URLSearchParams();
    for (const name of Object.keys(wanted.fields)) {
      const value = form.get(`body-${name}`);
      if (fields instanceof FormData && value instanceof File) fields.set(name, value);
      else if (typeof value === 'string' && value !== '') fields.set(name, value);
    }
    return { body: fields };
  }
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, statusText, headers } = response;
  const body = await bodyOf(response);
  return { status: `${status} ${statusText}`.trim(), headers: [...headers], body };
}

async function bodyOf(response: Response): Promise<string> {
  const type = response.headers.get('content-type') ?? '';
  if (!/json|text|xml/u.test(type)) {
    const { size: sizeBytes } = await response.blob();
    return sizeBytes === 0 ? '' : `${size(sizeBytes)} of ${type || 'something'}`;
  }
  const text = await response.text();
  const shown = type.includes('json') ? indented(text) : text;
  return shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}\n… and more` : shown;
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function exampleOf({ type, enum: choices, properties, items }: Schema): unknown {
  if (choices) return choices[0];
  if (properties)
    return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, exampleOf(field)]));
  if (items) return [exampleOf(items)];
  return type === 'string' ? 'text' : type === 'boolean' ? true : 1;
}
