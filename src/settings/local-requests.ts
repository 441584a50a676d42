import { isLoopbackHost } from './loopback.ts';
import type { SettingValues } from './table.ts';

type Values = Pick<SettingValues, 'PUBLIC_URL' | 'TWILIO_AUTH_TOKEN'>;

/**
 * Whether a request from this machine can count as local. An installation with a public address or a Twilio token receives
 * requests through a proxy or tunnel. Most proxies can be configured to add no header, and then a request from the internet
 * looks like one from this machine.
 */
export function servesLocalRequests({ PUBLIC_URL: url, TWILIO_AUTH_TOKEN: token }: Values): boolean {
  return token === undefined && (url === undefined || isLoopbackHost(url.host));
}
