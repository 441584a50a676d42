import { setTimeout as pause } from 'node:timers/promises';
import { proxyFor } from '../../../settings/proxies.ts';
import type { Settings } from '../../../settings/settings.ts';
import { errorCode } from '../../../storage/file-system-errors.ts';
import type { Surroundings } from '../../command-settings.ts';
import { AddressProbe } from './address-probe.ts';
import { askSetting } from '../ask-setting.ts';
import { Cancelled } from '../dialogue.ts';
import { requestFailure } from '../request-failure.ts';
import { isOffhookAt, runningServerProblem } from './running-server.ts';
import { type Problem, type SetupRun, untilValid } from '../setup-run.ts';
import { openNgrok, runTunnel, type Tunnel } from './tunnel.ts';

/** The name of a new tunnel needs some seconds until it is known everywhere. */
const TUNNEL_WITHIN_MS = 45_000;
const TUNNEL_EVERY_MS = 1_000;

/** How the test call gets to the server. */
export interface PublicAddress {
  /** Absent: it was not proved that the address leads here. */
  readonly reachedAt?: string | undefined;
  /** offhook is running already on the port. */
  readonly isRunning: boolean;
  readonly tunnel?: Tunnel | undefined;
}

/** Finds the port free, opens the tunnel, and proves that PUBLIC_URL leads to this machine, with WebSockets. */
export async function setUpAddress(run: SetupRun, surroundings: Surroundings): Promise<PublicAddress> {
  const { draft, dialogue, commandLine, report } = run;
  const place = await freePort(run);
  let tunnel: Tunnel | undefined;
  try {
    const wanted = commandLine.tunnel ?? (await askTunnel(run));
    if (wanted !== undefined) tunnel = await openTunnel(run, wanted, surroundings);
    else if (draft.value('PUBLIC_URL') === undefined) await askAddress(run);
    // A tunnel that did not open has been reported.
    if (wanted !== undefined && tunnel === undefined && !dialogue.isInteractive)
      return { isRunning: place.isRunning };
    const isReached = await untilValid(
      run,
      () => addressProblems(run, place, tunnel),
      async () => {
        await tunnel?.close();
        tunnel = undefined;
        await askAddress(run);
      },
    );
    const url = draft.value('PUBLIC_URL');
    if (isReached) report.ok('public address', `${url} leads to this machine, with WebSockets`);
    if (url?.startsWith('http:'))
      report.warn(
        'public address',
        'begins with http: Twilio connects streams only over https',
        'put TLS before it',
      );
    return { reachedAt: isReached ? url : undefined, isRunning: place.isRunning, tunnel };
  } catch (error) {
    await tunnel?.close();
    throw error;
  } finally {
    await place.probe?.close();
  }
}

function askAddress(run: SetupRun): Promise<void> {
  return askSetting(run, 'PUBLIC_URL', { message: 'Public address of this server:', example: 'https://…' });
}

interface Place {
  readonly probe?: AddressProbe;
  readonly isRunning: boolean;
}

/** Listens in place of the server; a port in use is a problem, unless offhook itself uses it. */
async function freePort(run: SetupRun): Promise<Place> {
  let place: Place = { isRunning: false };
  const check = async (): Promise<Problem[]> => {
    const { port, host } = partialSettings(run);
    try {
      place = { probe: await AddressProbe.listen(port, host), isRunning: false };
      return [];
    } catch (error) {
      const isUsed = errorCode(error) === 'EADDRINUSE';
      if (isUsed && (await isOffhookAt(port))) {
        place = { isRunning: true };
        run.report.ok('port', `offhook is running on port ${port}`);
        return [];
      }
      const found = isUsed
        ? `${port} is used by another program`
        : `${port} cannot be used: ${requestFailure(error)}`;
      return [{ what: 'port', found, todo: 'stop that program, or choose another port with --port' }];
    }
  };
  await untilValid(run, check, () => askSetting(run, 'PORT', { message: 'Port of the server:' }));
  return place;
}

/** The settings without the telephone, which may still be incomplete. */
function partialSettings({ draft }: SetupRun): Settings {
  const result = draft.read({ TWILIO_AUTH_TOKEN: '', PUBLIC_URL: '' });
  if (!result.ok) throw new Error(result.errors.join(' '));
  return result.settings;
}

async function askTunnel({ draft, dialogue }: SetupRun): Promise<string | undefined> {
  if (draft.value('PUBLIC_URL') !== undefined || !dialogue.isInteractive) return undefined;
  const way = await dialogue.choose({
    message: 'How does Twilio reach this machine?',
    option: '--public-url or --tunnel',
    answers: [
      { value: 'address', label: 'At an address of its own', hint: 'a domain with https that leads here' },
      { value: 'ngrok', label: 'Through ngrok', hint: 'needs @ngrok/ngrok and NGROK_AUTHTOKEN' },
      { value: 'command', label: 'Through another tunnel', hint: 'a command that prints its https address' },
    ],
  });
  if (way === 'address') return undefined;
  if (way === 'ngrok') return way;
  return dialogue.text({
    message: 'Command of the tunnel:',
    option: '--tunnel',
    example: 'cloudflared tunnel --url http://localhost:8000',
    validate: (text) => (text.trim() === '' ? 'A command is needed; Ctrl-C cancels.' : undefined),
  });
}

/** A failure is reported; the tunnel is undefined then. */
async function openTunnel(run: SetupRun, wanted: string, around: Surroundings): Promise<Tunnel | undefined> {
  run.report.progress(`Opening the tunnel: ${wanted} …`);
  if (wanted !== 'ngrok') return runTunnel(wanted);
  const own = run.draft.value('PUBLIC_URL');
  const host = own === undefined ? '' : new URL(own).hostname;
  try {
    const domain = /\bngrok\b/.test(host) ? host : undefined;
    const authtoken = around.env['NGROK_AUTHTOKEN']?.trim() || (await askAuthtoken(run));
    return await openNgrok({ port: partialSettings(run).port, cwd: around.cwd, authtoken, domain });
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const failure = { verdict: 'fail', what: 'tunnel', found: requestFailure(error) } as const;
    if (run.dialogue.isInteractive) run.report.show(failure);
    else run.report.add(failure);
    return undefined;
  }
}

/** It is not a setting, so it is not kept. */
async function askAuthtoken({ dialogue }: SetupRun): Promise<string | undefined> {
  if (!dialogue.isInteractive) return undefined;
  const token = await dialogue.text({
    message: 'Authtoken of ngrok:',
    option: 'NGROK_AUTHTOKEN',
    isSecret: true,
    validate: (text) => (text.trim() === '' ? 'A token is needed; Ctrl-C cancels.' : undefined),
  });
  return token.trim();
}

async function addressProblems(run: SetupRun, place: Place, tunnel: Tunnel | undefined): Promise<Problem[]> {
  const { draft, report } = run;
  if (tunnel) {
    const problem = await tunnelProblem(run, place, tunnel);
    return problem === undefined ? [] : [problem];
  }
  const url = draft.value('PUBLIC_URL');
  if (url === undefined) return [{ what: 'public address', found: 'PUBLIC_URL is missing' }];
  draft.set('PUBLIC_URL', url.replace(/\/(incoming-call\/?)?$/, ''));
  report.progress(`Connecting to ${url} …`);
  const problem = await problemAt(run, place, url);
  if (problem === undefined) return [];
  const todo =
    'start the proxy or tunnel, and check that it leads to this machine’s port; a network without a way back to itself needs --force';
  return [{ what: 'public address', found: `${url}: ${problem}`, todo }];
}

/** Commands print other addresses too: the first that leads here is the tunnel's. */
async function tunnelProblem(run: SetupRun, place: Place, tunnel: Tunnel): Promise<Problem | undefined> {
  const startedAtMs = performance.now();
  const problems = new Map<string, string>();
  while (performance.now() - startedAtMs < TUNNEL_WITHIN_MS) {
    for (const address of tunnel.addresses()) {
      const problem = await problemAt(run, place, address);
      if (problem === undefined) {
        run.draft.set('PUBLIC_URL', address.replace(/\/$/, ''));
        return undefined;
      }
      problems.set(address, problem);
    }
    if (tunnel.ended() !== undefined) break;
    await pause(TUNNEL_EVERY_MS);
  }
  const reason = tunnel.ended() ?? `no address of it leads here within ${TUNNEL_WITHIN_MS / 1_000} s`;
  const tried = [...problems].map(([address, problem]) => `; ${address}: ${problem}`).join('');
  const output = tunnel.output();
  return {
    what: 'tunnel',
    found: `${reason}${tried}`,
    todo: output === '' ? 'run its command by itself' : `it printed:\n${output.replace(/^/gm, '       ')}`,
  };
}

function problemAt(run: SetupRun, place: Place, url: string): Promise<string | undefined> {
  const { proxies, port } = partialSettings(run);
  const proxy = proxyFor(url, proxies);
  if (place.probe) return place.probe.problem(url, proxy);
  if (place.isRunning) return runningServerProblem(url, proxy);
  return Promise.resolve(`not checked, because port ${port} is not free`);
}
