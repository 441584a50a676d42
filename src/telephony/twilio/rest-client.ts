import { Agent } from 'node:https';
import type { Twilio } from 'twilio';
import { ServiceError } from '../../call/ports.ts';
import { agentsThrough } from '../../proxy/proxy-agent.ts';
import { errorText } from '../../storage/file-system-errors.ts';

export interface TwilioAccount {
  readonly accountSid: string;
  readonly authToken: string;
  /** Where requests go instead of api.twilio.com; for tests and simulators. */
  readonly apiBaseUrl?: string | undefined;
  readonly proxy?: string | undefined;
}

/** Error code for a change of a call that is already over: https://www.twilio.com/docs/api/errors/21220 */
const NOT_IN_PROGRESS = 21_220;
/** After this time the stream is closed instead. */
const TIMEOUT_MS = 5_000;

type CallChange = { readonly status: 'completed' } | { readonly url: string; readonly method: 'POST' };

/** Requests to Twilio's REST API: ends and redirects calls. */
export class TwilioRestClient {
  readonly #account: TwilioAccount;
  #client: Promise<Twilio> | undefined;

  constructor(account: TwilioAccount) {
    this.#account = account;
  }

  /** Loads Twilio's package, which blocks for about 120 ms, before a call needs it. */
  async warmUp(): Promise<void> {
    await this.#connect();
  }

  /** Ends the telephone call. A call that is already over is not an error. Throws a `ServiceError` if it fails. */
  hangUp(callSid: string): Promise<void> {
    return this.#change(callSid, 'ending the call', { status: 'completed' });
  }

  /**
   * Has Twilio end the call's stream and request its next action from this address. A call that is over is not an error. Throws a
   * `ServiceError` if it fails. https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
   */
  redirect(callSid: string, url: string): Promise<void> {
    return this.#change(callSid, 'redirecting the call', { url, method: 'POST' });
  }

  /** The account's status: `active`, `suspended` or `closed`. Throws if the account or the token is unknown. */
  async accountStatus(): Promise<string> {
    const client = await this.#connect();
    return (await client.api.v2010.accounts(this.#account.accountSid).fetch()).status;
  }

  /** Rejects with a sentence if the account cannot be used. With a wrong token, no webhook can be verified either. */
  async check(): Promise<void> {
    let status: string;
    try {
      status = await this.accountStatus();
    } catch (cause) {
      if (this.#account.apiBaseUrl !== undefined && lacksAccounts(cause)) return;
      throw new Error(checkFailure(cause), { cause });
    }
    if (status !== 'active') throw new Error(`the account at Twilio is ${status}`);
  }

  async #change(callSid: string, doing: string, change: CallChange): Promise<void> {
    try {
      const client = await this.#connect();
      await client.calls(callSid).update(change);
    } catch (cause) {
      const { status, code } = cause as { status?: number; code?: unknown };
      if (code === NOT_IN_PROGRESS) return;
      const transient = status === undefined || status === 429 || status >= 500;
      throw new ServiceError('telephony', doing, { cause, transient });
    }
  }

  #connect(): Promise<Twilio> {
    this.#client ??= createTwilioClient(this.#account);
    return this.#client;
  }
}

/** Simulators and compatible providers need not have the route of an account. */
function lacksAccounts(error: unknown): boolean {
  return [404, 405, 501].includes((error as { status?: number }).status ?? 0);
}

function checkFailure(error: unknown): string {
  const { status, code } = error as { status?: number; code?: number };
  if (status === 401)
    return `Twilio rejects TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN (error ${code ?? status}): calls are refused until they are right`;
  if (status === undefined) return `Twilio is not reached: ${errorText(error)}`;
  // The package's exceptions have no message if the response had none.
  const { message } = error as { message?: string };
  return `Twilio answers ${status}: ${message === undefined ? 'no reason given' : errorText(error)}`;
}

/** The package's client for this account: through its proxy, or to another address. */
export async function createTwilioClient({
  accountSid,
  authToken,
  apiBaseUrl,
  proxy,
}: TwilioAccount): Promise<Twilio> {
  // The package is CommonJS: from an ES module only its default export works.
  const { default: twilio } = await import('twilio');

  /** The package has no setting for its base URL, only for its HTTP client. */
  class RequestClient extends twilio.RequestClient {
    override request: InstanceType<typeof twilio.RequestClient>['request'] = (options) =>
      super.request({ ...options, uri: movedTo(apiBaseUrl, options.uri) });
  }
  const httpClient = new RequestClient({ timeout: TIMEOUT_MS });
  // The package would use HTTP_PROXY for every address, whatever NO_PROXY says.
  const agents = agentsThrough(proxy);
  httpClient.axios.defaults.httpAgent = agents?.httpAgent;
  httpClient.axios.defaults.httpsAgent =
    agents?.httpsAgent ?? new Agent({ keepAlive: true, timeout: TIMEOUT_MS });
  return twilio(accountSid, authToken, { httpClient });
}

function movedTo(base: string | undefined, uri: string): string {
  if (base === undefined) return uri;
  const { pathname, search } = new URL(uri);
  return base.replace(/\/+$/, '') + pathname + search;
}
