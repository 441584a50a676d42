import { html, nothing, type TemplateResult } from 'lit';
import { askServer, posting, sentenceFor } from '../frame/ask-server.ts';
import type { Session } from '../frame/head.ts';
import { Page } from '../frame/page.ts';
import { at } from '../frame/root.ts';

let problem: string | undefined;
let session: Session | undefined;
let busy = false;

const page = new Page(view);

askServer<Session>('/api/session').then(
  (answer) => {
    session = answer;
    page.redraw();
  },
  (error: unknown) => tell(error),
);

function view(): TemplateResult {
  return html`<div class="narrow stack">
    <h1>Log in</h1>
    ${session?.admitted ? noNeed(session) : session?.loginPossible === false ? impossible() : form()}
  </div>`;
}

function form(): TemplateResult {
  return html`<form class="card stack" @submit=${logIn}>
    <div class="field">
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        autofocus
      />
    </div>
    <div role="alert" class="notice wrong">${problem ?? nothing}</div>
    <button class="main" data-place="log-in" ?disabled=${busy}>Log in</button>
  </form>`;
}

function noNeed({ why }: Session): TemplateResult {
  const words =
    why === 'session'
      ? 'You are logged in.'
      : 'offhook runs on this machine and no password is set: no login is required here.';
  return html`<p class="notice" role="status">${words}</p>
    <p><a class="button" href=${whereTo()}>Continue</a></p>`;
}

function impossible(): TemplateResult {
  return html`<p class="notice careful" role="status">
    No password is set. Set ADMIN_PASSWORD in the settings of offhook and restart it; until then only the
    machine on which it runs is served.
  </p>`;
}

async function logIn(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  if (busy) return;
  const password = document.querySelector<HTMLInputElement>('#password')!.value;
  busy = true;
  problem = undefined;
  page.redraw();
  try {
    await askServer('/login', posting({ password }));
    location.replace(whereTo());
  } catch (error) {
    tell(error);
  }
}

function tell(error: unknown): void {
  busy = false;
  problem = sentenceFor(error);
  page.redraw();
}

/** The page that was requested before the login. Only a page of this server: anyone may have written the address. */
function whereTo(): string {
  const asked = new URL(new URLSearchParams(location.search).get('to') ?? '/phone', location.origin);
  const isOurs = asked.origin === location.origin && asked.pathname !== '/login';
  // With the origin, because a path may begin with two slashes.
  return location.origin + at(isOurs ? asked.pathname + asked.search : '/phone');
}
