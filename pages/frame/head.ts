import { html, nothing, render, type TemplateResult } from 'lit';
import { askServer, logOut } from './ask-server.ts';
import { at, here } from './root.ts';
import { watchServer } from './server-status.ts';
import { statusBanner } from './status-banner.ts';

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

/**
 * Renders the header of all pages. It shows Log out if there is a session, and the links if the user may see the pages.
 */
export function showHead(): void {
  let [admitted, loggedIn] = [here() !== '/login', false];
  const draw = (): void => {
    render(html`${headOf(here(), admitted, loggedIn)} ${statusBanner()}`, document.getElementById('head')!);
  };
  draw();
  void askServer<Session>('/api/session').then(
    (session) => {
      admitted = session.admitted;
      loggedIn = session.why === 'session';
      draw();
      if (admitted) watchServer(draw);
    },
    // The page itself reports errors of the server.
    () => undefined,
  );
}

function headOf(page: string, admitted: boolean, loggedIn: boolean): TemplateResult {
  const link = ([name, address]: (typeof LINKS)[number]): TemplateResult =>
    html`<li>
      <a href=${at(address)} aria-current=${isHere(page, address) ? 'page' : nothing}>${name}</a>
    </li>`;
  return html`<div class="head">
    <a class="name" href=${at('/phone')}>offhook</a>
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

/** The page of a single call belongs to Calls, the reference to Docs. */
function isHere(page: string, address: string): boolean {
  if (page === '/redoc') return address === '/docs';
  return page === address || (address !== '/' && page.startsWith(`${address}/`));
}
