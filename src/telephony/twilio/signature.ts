import { createHmac, timingSafeEqual } from 'node:crypto';

/** Parsed form fields, or {} for a socket. All that came, also those unknown to us: Twilio signs them all. */
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
 * Whether the request bears Twilio's signature: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 * Written with the port or without, both are accepted, since Twilio itself does it both ways.
 */
export function isSignedByTwilio(request: SignedRequest): boolean {
  const { authToken, header } = request;
  if (header === undefined || authToken === '') return false;
  const fields = signedFields(request.params);
  return possibleUrls(request).some((url) => {
    const expected = createHmac('sha1', authToken)
      .update(url + fields)
      .digest();
    const given = Buffer.from(header, 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** Sorted by name; a repeated field gives each of its different values, sorted. */
function signedFields(params: FormParams): string {
  return Object.keys(params)
    .sort()
    .flatMap((name) => {
      const values = params[name] ?? '';
      const each = typeof values === 'string' ? [values] : [...new Set(values)].sort();
      return each.map((value) => name + value);
    })
    .join('');
}

/** `ws` and `http` occur where a simulator calls this machine; Twilio itself knows only the secure two. */
const PORT_OF: Readonly<Record<string, string>> = { https: '443', wss: '443', http: '80', ws: '80' };

function possibleUrls({ publicUrl, pathAndQuery, scheme }: SignedRequest): string[] {
  const plain = publicUrl.protocol === 'http:';
  const schemes = scheme === 'https' ? [plain ? 'http' : 'https'] : plain ? ['ws', 'wss'] : ['wss'];
  const rest = publicUrl.pathname.replace(/\/+$/, '') + pathAndQuery;
  return schemes.flatMap((each) => {
    const ports = new Set(['', `:${publicUrl.port || PORT_OF[each]}`]);
    return [...ports].map((port) => `${each}://${publicUrl.hostname}${port}${rest}`);
  });
}
