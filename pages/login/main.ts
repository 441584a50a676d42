import { html, nothing, type TemplateResult } from 'lit';
import { askServer, posting, sentenceFor } from '../frame/ask-server.ts';
import type { Session } from '../frame/head.ts';
import { Page } from '../frame/page.ts';

let trouble: string | undefined;
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
    <div role="alert" class="notice wrong">${trouble ?? nothing}</div>
    <button class="main" data-place="log-in" ?disabled=${busy}>Log in</button>
  </form>`;
}

function noNeed({ why }: Session): TemplateResult {
  const words =
    why === 'session'
      ? 'You are logged in.'
      : 'This is the machine on which offhook runs, and no password is set: nobody has to log in here.';
  return html`<p class="notice" role="status">${words}</p>
    <p><a class="button" href=${whereTo()}>Go on</a></p>`;
}

function impossible(): TemplateResult {
  return html`<p class="notice careful" role="status">
    There is no password to log in with. Set ADMIN_PASSWORD in offhook's settings and start it again; until
    then only the machine on which it runs is served.
  </p>`;
}

async function logIn(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  if (busy) return;
  const password = document.querySelector<HTMLInputElement>('#password')!.value;
  busy = true;
  trouble = undefined;
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
  trouble = sentenceFor(error);
  page.redraw();
}

/** Where somebody wanted to go. Only ever a page of this server: the address may come from anybody. */
function whereTo(): string {
  const asked = new URL(new URLSearchParams(location.search).get('to') ?? '/phone', location.href);
  const isOurs = asked.origin === location.origin && asked.pathname !== '/login';
  return isOurs ? asked.pathname + asked.search : '/phone';
}
