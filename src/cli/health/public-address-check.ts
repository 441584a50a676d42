import { tunnelThrough } from '../../proxy/proxy-agent.ts';
import { fetchThrough } from '../../proxy/proxy-fetch.ts';
import { proxyFor } from '../../settings/proxies.ts';
import type { Settings } from '../../settings/settings.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import { tryStream } from '../../telephony/twilio/try-stream.ts';
import { TIMEOUT_MS } from './check-timeout.ts';
import type { Finding } from './finding.ts';

/** Requests the status through `PUBLIC_URL`, then opens a WebSocket there as Twilio does. */
export async function checkPublicAddress(settings: Settings): Promise<Finding[]> {
  const what = 'public address';
  const { publicUrl, proxies } = settings;
  const socket = 'WebSocket';
  if (!publicUrl)
    return [
      { what, verdict: 'not checked', found: 'PUBLIC_URL is not set; calls from Twilio need it' },
      { what: socket, verdict: 'not checked', found: 'PUBLIC_URL is not set' },
    ];
  const health = new URL(`${publicUrl.href.replace(/\/+$/, '')}/health`);
  const response = await fetchThrough(proxyFor(health.href, proxies))(health, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  const body = (await response.json().catch(() => undefined)) as { status?: unknown } | undefined;
  if (!response.ok || typeof body?.status !== 'string') {
    const todo = `check which server answers at ${health.host}: it is not offhook`;
    return [
      { what, verdict: 'fail', found: `answers ${response.status}`, todo },
      { what: socket, verdict: 'not checked', found: 'the public address does not lead to offhook' },
    ];
  }
  return [
    { what, verdict: 'ok', found: `${publicUrl.host} leads to offhook (${body.status})` },
    await checkSocket(settings, publicUrl),
  ];
}

async function checkSocket({ twilio, proxies }: Settings, publicUrl: URL): Promise<Finding> {
  const what = 'WebSocket';
  const { authToken } = twilio;
  if (authToken === undefined)
    return {
      what,
      verdict: 'not checked',
      found: 'TWILIO_AUTH_TOKEN is not set, so no stream can be signed',
    };
  const agent = tunnelThrough(proxyFor(publicUrl.href, proxies));
  try {
    await tryStream({ publicUrl, authToken, timeoutMs: TIMEOUT_MS, agent });
    return { what, verdict: 'ok', found: `${publicUrl.host} accepts a signed media stream` };
  } catch (error) {
    const todo =
      'let the proxy pass WebSockets (docs/deploy.md has the lines for nginx and Caddy), and check that the server runs with the same PUBLIC_URL and TWILIO_AUTH_TOKEN';
    return { what, verdict: 'fail', found: errorText(error), todo };
  }
}
