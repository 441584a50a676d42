import { html, nothing, type TemplateResult } from 'lit';
import { type Operation, operationId, type Parameter, type Schema } from './description.ts';
import { type Answer, bodyFormOf, type Trial } from './trial.ts';

/** A form for a route's request, and the response. */
export function trialView(operation: Operation, trial: Trial): TemplateResult {
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    void trial.send(new FormData(event.target as HTMLFormElement));
  };
  const id = operationId(operation);
  return html`<h4>Try it out</h4>
    <form class="trial" @submit=${send}>
      ${operation.parameters?.map((parameter) => parameterField(parameter, id))} ${bodyFields(operation, id)}
      <div class="row">
        <button class="main" data-place="send-${id}" ?disabled=${trial.busy}>Send</button>
        <span class="small faint">This sends a real request.</span>
      </div>
    </form>
    <div role="alert" class="notice wrong">${trial.problem || nothing}</div>
    <div role="status" aria-label="Response">${trial.answer ? answerView(trial.answer) : nothing}</div>`;
}

function parameterField({ name, in: where, required, schema }: Parameter, id: string): TemplateResult {
  const field = `${where}-${name}`;
  const label = html`<label for="${id}-${field}">${name}</label>`;
  if (schema.enum)
    return html`<div class="field">
      ${label}
      <select id="${id}-${field}" name=${field}>
        <option value="">none</option>
        ${schema.enum.map((value) => html`<option>${String(value)}</option>`)}
      </select>
    </div>`;
  return html`<div class="field">
    ${label}<input id="${id}-${field}" name=${field} ?required=${required} autocomplete="off" />
  </div>`;
}

function bodyFields(operation: Operation, id: string): TemplateResult | typeof nothing {
  const body = bodyFormOf(operation);
  if (!body) return nothing;
  if (body.kind === 'json')
    return html`<div class="field">
      <label for="${id}-body">Body (JSON)</label>
      <textarea
        id="${id}-body"
        name="body"
        rows="4"
        spellcheck="false"
        .defaultValue=${body.example}
      ></textarea>
    </div>`;
  const field = ([name, { format }]: [string, Schema]): TemplateResult =>
    html`<div class="field">
      <label for="${id}-body-${name}">${name}</label>
      <input id="${id}-body-${name}" name="body-${name}" type=${format === 'binary' ? 'file' : 'text'} />
    </div>`;
  return html`${Object.entries(body.fields).map(field)}`;
}

function answerView({ status, headers, body }: Answer): TemplateResult {
  return html`<p><strong>${status}</strong></p>
    <h5>Headers</h5>
    <pre tabindex="0" aria-label="Response headers">
${headers.map(([name, value]) => `${name}: ${value}\n`).join('')}</pre>
    <h5>Body</h5>
    ${body === '' ? html`<p class="faint">The body is empty.</p>` : html`<pre tabindex="0" aria-label="Response body">${body}</pre>`}`;
}
