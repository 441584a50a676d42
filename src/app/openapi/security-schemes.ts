import { SESSION_COOKIE } from '../../http/auth/session-store.ts';

const TWILIO_SIGNATURE = 'X-Twilio-Signature';
const TOKEN = { type: 'http', scheme: 'bearer', description: 'API_TOKEN' } as const;

/** How requests are authenticated, in OpenAPI terms. */
export const OPENAPI_SECURITY = {
  token: TOKEN,
  session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
  twilio: { type: 'apiKey', in: 'header', name: TWILIO_SIGNATURE },
} as const;

/** The same in AsyncAPI terms. */
export const ASYNCAPI_SECURITY = {
  token: TOKEN,
  session: { type: 'httpApiKey', in: 'cookie', name: SESSION_COOKIE },
  twilio: { type: 'httpApiKey', in: 'header', name: TWILIO_SIGNATURE },
} as const;
