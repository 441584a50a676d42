import { setTimeout as delay } from 'node:timers/promises';
import { fetchThrough } from '../proxy/proxy-fetch.ts';
import type { Settings } from '../settings/settings.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printError, printLine } from './terminal/console.ts';

const ANSWER_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

export interface DrainOptions {
  /** Ends draining. */
  readonly undo?: boolean;
  /** Waits until no call is left. */
  readonly wait?: boolean;
}

interface DrainState {
  readonly draining: boolean;
  readonly activeCalls: number;
}

/** Makes the running server of these settings accept no new calls, or accept them again. */
export async function drain(
  settings: Settings,
  { undo = false, wait = false }: DrainOptions,
): Promise<ExitCode> {
  const server = new RunningServer(settings);
  let state = await server.request({ draining: !undo });
  if (typeof state === 'string') {
    printError(state);
    return EXIT.failed;
  }
  printLine(undo ? 'New calls are accepted again.' : `No new calls are accepted. ${left(state.activeCalls)}`);
  while (wait && !undo && state.activeCalls > 0) {
    await delay(LOOK_EVERY_MS);
    const next = await server.request();
    if (typeof next === 'string') {
      printError(`The server does not answer any more: ${next}`);
      return EXIT.failed;
    }
    if (!next.draining) {
      printError('Draining was ended meanwhile.');
      return EXIT.inPart;
    }
    if (next.activeCalls !== state.activeCalls) printLine(left(next.activeCalls));
    state = next;
  }
  return EXIT.done;
}

function left(calls: number): string {
  if (calls === 0) return 'No call is left.';
  return calls === 1 ? '1 call is left.' : `${calls} calls are left.`;
}

/** The server that runs with these settings on this machine. */
class RunningServer {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ host, port, access: { apiToken } }: Settings) {
    this.#base = `http://${reachableHost(host)}:${port}`;
    this.#headers = apiToken === undefined ? {} : { authorization: `Bearer ${apiToken}` };
  }

  /** The state, after `change` if there is one; a sentence if that is not possible. */
  async request(change?: { readonly draining: boolean }): Promise<DrainState | string> {
    const url = `${this.#base}/api/drain`;
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    const request = change
      ? { method: 'PUT', body: JSON.stringify(change), headers, signal }
      : { headers, signal };
    try {
      const response = await fetchThrough(undefined)(url, request);
      const body = (await response.json().catch(() => ({}))) as Partial<DrainState> & { detail?: string };
      if (typeof body.draining === 'boolean' && typeof body.activeCalls === 'number')
        return { draining: body.draining, activeCalls: body.activeCalls };
      return refusalText(response.status, this.#base, body.detail);
    } catch (error) {
      const { cause = error } = error as Error;
      const why = cause instanceof Error ? cause.message : String(cause);
      return `No server answers at ${this.#base} (${why}). Is it running with these settings (PORT, HOST)?`;
    }
  }
}

function refusalText(status: number, base: string, detail = `status ${status}`): string {
  if (status === 401 || status === 403)
    return `The server at ${base} does not admit this command: set the API_TOKEN with which it was started. ${detail}`;
  if (status === 404) return `The program at ${base} is not offhook, or an older version.`;
  return `The server at ${base} refuses: ${detail}`;
}

/** An address of this machine for one at which a server listens. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
