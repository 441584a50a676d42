import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';

/** Parsed form fields, or {} for a socket. Includes unknown fields: Twilio signs all of them. */
export type FormParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface SignedRequest {
  readonly authToken: string;
  /** The address Twilio was given for this server; never taken from the request. */
  readonly publicUrl: URL;
  /** As received, still encoded. */
  readonly pathAndQuery: string;
  /** Twilio signs webhooks over the https address and a stream's upgrade over the wss one. */
  readonly scheme: 'https' | 'wss';
  /** X-Twilio-Signature */
  readonly header: string | undefined;
  readonly params: FormParams;
}

/**
 * Whether Twilio signed the request: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 * A signature over the URL with or without its port is accepted, since Twilio uses both.
 */
export function isSignedByTwilio(request: SignedRequest): boolean {
  const { authToken, header } = request;
  if (!header || authToken === '') return false;
  return signedUrls(request).some((url) => validateRequest(authToken, header, url, request.params));
}

/** `ws` and `http` are for simulators on this machine; Twilio uses only the secure schemes. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { https: '443', wss: '443', http: '80', ws: '80' };

/** The URLs that may have been signed, with a port: Twilio's package knows the default port of http and https only. */
function signedUrls({ publicUrl, pathAndQuery, scheme }: SignedRequest): string[] {
  const plain = publicUrl.protocol === 'http:';
  const schemes = scheme === 'https' ? [plain ? 'http' : 'https'] : plain ? ['ws', 'wss'] : ['wss'];
  const rest = publicUrl.pathname.replace(/\/+$/, '') + pathAndQuery;
  return schemes
    .map((each) => `${each}://${publicUrl.hostname}:${publicUrl.port || DEFAULT_PORTS[each]}${rest}`)
    .filter((url) => URL.canParse(url));
}
