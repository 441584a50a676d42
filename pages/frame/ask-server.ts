import { at, here } from './root.ts';

/** An error from the server, as a sentence for users. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

const NO_ANSWER = 'The server does not respond. It may be stopped, or the network is down.';

/**
 * Sends a request and returns the parsed response. Throws a `Refusal` with a sentence; redirects to the login if it is
 * required.
 */
export async function askServer<Answer>(address: string, request: RequestInit = {}): Promise<Answer> {
  const response = await fetch(at(address), { credentials: 'same-origin', ...request }).catch(() => {
    throw new Refusal(0, NO_ANSWER);
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
  if (response.status === 401 && here() !== '/login') goToLogin();
  throw new Refusal(response.status, await sentenceOf(response));
}

/** A request with a JSON body. */
export function posting(body: unknown, method = 'POST'): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export async function logOut(): Promise<void> {
  await askServer('/logout', { method: 'POST' }).catch(() => undefined);
  location.assign(at('/login'));
}

export function goToLogin(): void {
  location.assign(at(`/login?to=${encodeURIComponent(here() + location.search)}`));
}

/** `wss:` if the page was loaded over TLS. */
export function socketAddress(path: string): string {
  const address = new URL(at(path), location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

export function sentenceFor(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the same request may succeed later: the server or what it depends on is away. */
export function isTemporary(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 0 || error.status >= 500);
}

/** Error responses follow RFC 9457. */
async function sentenceOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { detail?: unknown } | undefined;
  return typeof body?.detail === 'string'
    ? body.detail
    : `The server responded with status ${response.status}.`;
}
