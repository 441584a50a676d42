import { html, nothing, render, type TemplateResult } from 'lit';
import { askServer, logOut } from './ask-server.ts';

const LINKS = [
  ['Phone', '/phone'],
  ['Calls', '/calls'],
  ['Dashboard', '/dashboard'],
  ['Recordings', '/recordings'],
  ['Microphone', '/'],
  ['Docs', '/docs'],
] as const;

/** `GET /api/session`. */
export interface Session {
  readonly admitted: boolean;
  readonly why?: 'local' | 'token' | 'session';
  readonly loginPossible: boolean;
}

/** Draws the head that all pages have. Log out is there for who is logged in, and the pages for who may see them. */
export function showHead(): void {
  draw(location.pathname !== '/login', false);
  void askServer<Session>('/api/session').then(
    ({ admitted, why }) => draw(admitted, why === 'session'),
    // The page itself says what is wrong with the server.
    () => undefined,
  );
}

function draw(admitted: boolean, loggedIn: boolean): void {
  render(headOf(location.pathname, admitted, loggedIn), document.getElementById('head')!);
}

function headOf(here: string, admitted: boolean, loggedIn: boolean): TemplateResult {
  const link = ([name, address]: (typeof LINKS)[number]): TemplateResult =>
    html`<li>
      <a href=${address} aria-current=${isHere(here, address) ? 'page' : nothing}>${name}</a>
    </li>`;
  return html`<div class="head">
    <a class="name" href="/phone">offhook</a>
    ${
      admitted
        ? html`<nav aria-label="Pages">
            <ul>
              ${LINKS.map(link)}
            </ul>
          </nav>`
        : nothing
    }
    ${loggedIn ? html`<button class="plain" @click=${() => void logOut()}>Log out</button>` : nothing}
  </div>`;
}

/** A call's own page belongs to the calls. */
function isHere(here: string, address: string): boolean {
  return here === address || (address !== '/' && here.startsWith(`${address}/`));
}
