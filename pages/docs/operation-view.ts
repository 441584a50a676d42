import { html, nothing, type TemplateResult } from 'lit';
import { type Operation, operationId, type Parameter } from './description.ts';
import { kindWords, schemaView, withCode } from './schema-view.ts';
import { trialView } from './trial-view.ts';
import type { Trial } from './trial.ts';

/** One route. Its details are rendered when it is open: then `trial` is set. */
export function operationView(
  operation: Operation,
  trial: Trial | undefined,
  toggled: (open: boolean) => void,
): TemplateResult {
  const { method, path, summary } = operation;
  const toggle = (event: Event): void => toggled((event.target as HTMLDetailsElement).open);
  return html`<details
    id=${operationId(operation)}
    class="operation"
    ?open=${trial !== undefined}
    @toggle=${toggle}
  >
    <summary>
      <span class="method">${method.toUpperCase()}</span> <code>${path}</code>
      <span class="what">${withCode(summary)}</span>
    </summary>
    ${trial ? html`<div class="stack">${contents(operation)} ${trialView(operation, trial)}</div>` : nothing}
  </details>`;
}

function contents(operation: Operation): TemplateResult {
  const { parameters = [], requestBody } = operation;
  return html`<p class="small faint">${accessWords(operation)}</p>
    ${
      parameters.length > 0
        ? html`<h4>Parameters</h4>
            <dl class="fields">${parameters.map(parameterView)}</dl>`
        : nothing
    }
    ${
      requestBody
        ? html`<h4>Body</h4>
            <p class="small faint">${Object.keys(requestBody.content).join(' or ')}</p>
            ${schemaView(Object.values(requestBody.content)[0]?.schema ?? {})}`
        : nothing
    }
    <h4>Responses</h4>
    <dl class="fields">${answers(operation)}</dl>`;
}

function parameterView({ name, in: where, description, schema, ...rest }: Parameter): TemplateResult {
  return html`<dt><code>${name}</code> in the ${where}${rest.required ? '' : ' (optional)'}</dt>
    <dd>
      <span class="faint">${kindWords(schema)}</span>
      ${description ? html`<span>· ${withCode(description)}</span>` : nothing}
    </dd>`;
}

function answers({ responses }: Operation): TemplateResult[] {
  return Object.entries(responses).map(
    ([status, { description, content }]) =>
      html`<dt>${status}</dt>
        <dd>
          ${withCode(description)}
          ${content ? html`<span class="faint">· ${Object.keys(content).join(', ')}</span>` : nothing}
        </dd>`,
  );
}

function accessWords({ security }: Operation): string {
  if (security.length === 0) return 'No authentication required.';
  if (security.some((one) => 'twilio' in one)) return 'Only for Twilio: requests must be signed.';
  return 'Requires a local request, a login, or the API token.';
}
