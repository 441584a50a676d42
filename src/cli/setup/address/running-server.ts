import { WebSocket } from 'ws';
import { tunnelThrough } from '../../../proxy/proxy-agent.ts';
import { fetchThrough } from '../../../proxy/proxy-fetch.ts';
import { requestFailure } from '../request-failure.ts';

const ANSWER_WITHIN_MS = 10_000;
const LOCAL_WITHIN_MS = 2_000;
/** How offhook answers a stream that Twilio has not announced. */
const REFUSALS = [401, 403, 429];

/** Whether the program that uses a port of this machine is offhook. */
export async function isOffhookAt(port: number): Promise<boolean> {
  return (await healthProblem(`http://127.0.0.1:${port}`, undefined, LOCAL_WITHIN_MS)) === undefined;
}

/** Why an address does not lead to offhook, which is running; undefined if it does, with WebSockets. */
export async function runningServerProblem(
  publicUrl: string,
  proxy: string | undefined,
): Promise<string | undefined> {
  const base = publicUrl.replace(/\/+$/, '');
  return (await healthProblem(base, proxy, ANSWER_WITHIN_MS)) ?? (await streamProblem(base, proxy));
}

async function healthProblem(
  base: string,
  proxy: string | undefined,
  withinMs: number,
): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(withinMs);
    const response = await fetchThrough(proxy)(`${base}/health`, { signal, redirect: 'manual' });
    const body = (await response.json().catch(() => undefined)) as { status?: unknown } | undefined;
    if (typeof body?.status === 'string') return undefined;
    return `another server answers there (status ${response.status})`;
  } catch (error) {
    return requestFailure(error);
  }
}

function streamProblem(base: string, proxy: string | undefined): Promise<string | undefined> {
  const url = `${base.replace(/^http/, 'ws')}/media-stream`;
  const socket = new WebSocket(url, { handshakeTimeout: ANSWER_WITHIN_MS, agent: tunnelThrough(proxy) });
  return new Promise((resolve) => {
    const done = (problem: string | undefined): void => {
      socket.terminate();
      resolve(problem);
    };
    socket.on('open', () => done(undefined));
    socket.on('error', (error) => done(`WebSockets are not passed: ${requestFailure(error)}`));
    socket.on('unexpected-response', (_request, { statusCode = 0 }) =>
      done(REFUSALS.includes(statusCode) ? undefined : `WebSockets are not passed: status ${statusCode}`),
    );
  });
}
