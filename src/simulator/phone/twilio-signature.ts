import { createHmac } from 'node:crypto';

/**
 * The value of X-Twilio-Signature: HMAC-SHA1 over the URL and the form's fields sorted by name
 * (twilio.com/docs/usage/webhooks/webhooks-security). A WebSocket upgrade is signed over its wss URL alone.
 */
export function twilioSignature(
  authToken: string,
  url: string,
  fields: Readonly<Record<string, string>> = {},
): string {
  const names = Object.keys(fields).sort();
  const signed = url + names.map((name) => name + (fields[name] ?? '')).join('');
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}
