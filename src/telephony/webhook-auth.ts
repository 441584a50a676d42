import type { IncomingMessage } from 'node:http';
import type { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import { admit, factsOf, isLocal } from '../http/auth/local-request.ts';
import { ClientAddresses } from '../http/auth/proxy-headers.ts';
import type { Settings } from '../settings/settings.ts';
import { type FormParams, isSignedByTwilio } from './twilio/signature.ts';

export interface Refusal {
  readonly status: number;
  readonly sentence: string;
  /** When the client may try again. */
  readonly waitSeconds?: number;
}

/** The signed parts of a request to a telephone route. */
export interface Claim {
  readonly scheme: 'https' | 'wss';
  /** As received, still encoded. */
  readonly pathAndQuery: string;
  readonly params: FormParams;
  /** The account that the request names. */
  readonly accountSid?: string | undefined;
  /** Whether Twilio's signature alone admits the request: any web page can make a browser send a GET to this machine. */
  readonly signedOnly?: boolean;
}

/** Authenticates requests to telephone routes, and builds the public URLs given to Twilio. */
export class WebhookAuth {
  readonly #settings: Settings;
  readonly #limit: FailedAttemptLimiter;
  readonly #addresses: ClientAddresses;
  #foreignAccounts = 0;

  constructor(settings: Settings, limit: FailedAttemptLimiter) {
    this.#settings = settings;
    this.#limit = limit;
    this.#addresses = new ClientAddresses(settings.access.trustedProxies);
  }

  /** How many signed requests of other accounts were refused. */
  get foreignAccounts(): number {
    return this.#foreignAccounts;
  }

  /** Whether a stream needs a token. Tokens are given out by webhooks, and those are signed if an auth token is set. */
  get requiresTokens(): boolean {
    return this.#settings.twilio.authToken !== undefined;
  }

  /** Why a request is refused. Counts failed requests by address and limits them; signed requests are not limited. */
  refusal(request: IncomingMessage, claim: Claim, atMs: number): Refusal | undefined {
    const refusal = this.#unauthenticated(request, claim);
    if (!refusal) return undefined;
    const address = this.#addresses.of(request);
    const waitSeconds = this.#limit.waitSeconds(address, atMs);
    this.#limit.failed(address, atMs);
    if (waitSeconds === 0) return refusal;
    return { status: 429, sentence: `Too many attempts. Try again in ${waitSeconds} s.`, waitSeconds };
  }

  /** The public URL of one of our paths. */
  address(request: IncomingMessage, path: string, scheme: 'http' | 'ws'): string {
    const { publicUrl } = this.#settings;
    if (!publicUrl) return `${scheme}://${request.headers.host ?? 'localhost'}${path}`;
    const url = new URL(publicUrl.href);
    url.pathname = `${url.pathname.replace(/\/$/u, '')}${path}`;
    return scheme === 'ws' ? url.href.replace(/^http/u, 'ws') : url.href;
  }

  /** Numbers of another account may have our address, by mistake or through a stolen token. */
  #foreignAccount({ accountSid }: Claim): Refusal | undefined {
    const configured = this.#settings.twilio.accountSid;
    if (configured === undefined || accountSid === undefined || accountSid === configured) return undefined;
    this.#foreignAccounts += 1;
    return { status: 403, sentence: 'The request is of another Twilio account than TWILIO_ACCOUNT_SID.' };
  }

  /** With a Twilio token every request must be signed; without one only local requests may call. */
  #unauthenticated(request: IncomingMessage, claim: Claim): Refusal | undefined {
    const facts = factsOf(request);
    const admission = admit(facts, this.#settings.access);
    if (admission.admitted && admission.method === 'token' && !claim.signedOnly) return undefined;
    const { authToken } = this.#settings.twilio;
    const { publicUrl } = this.#settings;
    if (authToken === undefined || publicUrl === undefined) {
      const { localRequests } = this.#settings.access;
      if (localRequests && isLocal(facts) && !claim.signedOnly) return undefined;
      const sentence = localRequests
        ? 'Only requests from this machine are accepted until TWILIO_AUTH_TOKEN and PUBLIC_URL are set.'
        : 'Calls are accepted when TWILIO_AUTH_TOKEN is set as well. Until then only requests with API_TOKEN are accepted.';
      return { status: 403, sentence };
    }
    const signature = request.headers['x-twilio-signature'];
    const header = typeof signature === 'string' ? signature : undefined;
    if (isSignedByTwilio({ authToken, publicUrl, header, ...claim })) return this.#foreignAccount(claim);
    return {
      status: 403,
      sentence: 'The request is not signed by Twilio for this address (see PUBLIC_URL).',
    };
  }
}
