import { html, nothing, type TemplateResult } from 'lit';
import type { Schema } from './description.ts';

/** Describes the schema of a value: its type in words, and its fields. */
export function schemaView(schema: Schema): TemplateResult {
  const kinds = schema.oneOf ?? schema.anyOf;
  if (kinds)
    return html`<ul class="kinds">
      ${kinds.map((kind) => html`<li>${schemaView(kind)}</li>`)}
    </ul>`;
  return html`${schema.description ? html`<p>${withCode(schema.description)}</p>` : nothing}
  ${schema.properties ? fields(schema) : html`<p class="small faint">${kindWords(schema)}</p>`}`;
}

function fields({ properties = {}, required = [] }: Schema): TemplateResult {
  return html`<dl class="fields">
    ${Object.entries(properties).map(
      ([name, field]) =>
        html`<dt><code>${name}</code>${required.includes(name) ? '' : ' (optional)'}</dt>
          <dd>
            <span class="faint">${kindWords(field)}</span>
            ${field.description ? html`<span>· ${withCode(field.description)}</span>` : nothing}
            ${insideOf(field)}
          </dd>`,
    )}
  </dl>`;
}

/** The fields of an object, or of the items of a list. */
function insideOf(field: Schema): TemplateResult | typeof nothing {
  const inner = field.items ?? field;
  return inner.properties ? fields(inner) : nothing;
}

/** The constraints of a single value, in words. */
export function kindWords(schema: Schema): string {
  const { type, enum: choices, items, format } = schema;
  if (schema.const !== undefined) return `always ${JSON.stringify(schema.const)}`;
  if (choices) return `one of ${choices.map(String).join(', ')}`;
  const kind = items
    ? `list of ${kindWords(items)}`
    : [type ?? 'anything', format].filter(Boolean).join(', ');
  return [kind, ...bounds(schema)].join(', ');
}

function bounds({ minimum, maximum, minLength, maxLength, ...rest }: Schema): string[] {
  const given = (words: string, value: unknown): string[] =>
    value === undefined || Math.abs(Number(value)) >= Number.MAX_SAFE_INTEGER
      ? []
      : [`${words} ${value as string}`];
  return [
    ...given('at least', minimum),
    ...given('at most', maximum),
    ...given('length at least', minLength),
    ...given('length at most', maxLength),
    ...(rest.default === undefined ? [] : [`else ${JSON.stringify(rest.default)}`]),
  ];
}

/** Text between backticks is code. */
export function withCode(text: string): (string | TemplateResult)[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}
