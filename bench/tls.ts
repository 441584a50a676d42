import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unusedPort } from '../test/support/unused-port.ts';
import { type Asked, startAsked } from './ask.ts';
import type { LoadFigures } from './generator.ts';
import { percentile } from './percentile.ts';
import { cpuSecondsOf } from './served-offhook.ts';
import { table } from './tables.ts';

/** The server and its proxy on one processor, callers on the other one. */
const SERVER_CPU = 0;
const OTHER_CPU = 1;
const START_OVER_MS = 4_000;
const SETTLE_MS = 2_000;
const PROXY_WITHIN_MS = 10_000;

const WAYS = ['none', 'in Node', 'in a proxy'] as const;
type Way = (typeof WAYS)[number];

export interface TlsOptions {
  readonly calls: number;
  readonly rounds: number;
  readonly holdMs: number;
}

/** CPU seconds per call-minute of server and proxy, in each round. */
export type TlsRow = Readonly<Record<Way, readonly number[]>>;

/**
 * What TLS adds to media streams: the bare server without it, with Node's own, and behind Caddy, which speaks TLS to the callers. The
 * three have their calls all the time, and only those of the measured one send audio. It needs `caddy` and `openssl`.
 */
export async function benchTls({ calls, rounds, holdMs }: TlsOptions): Promise<TlsRow> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-bench-tls-'));
  const generator = await startAsked('generator.ts', { cpu: OTHER_CPU });
  const servers = await Promise.all(WAYS.map(() => startAsked('bare-server.ts', { cpu: SERVER_CPU })));
  let proxy: ChildProcess | undefined;
  try {
    const [cert, key] = certificateIn(folder);
    const ports = await Promise.all(
      servers.map((each, at) => each.ask<number>('listen', WAYS[at] === 'in Node' ? { cert, key } : {})),
    );
    const proxyPort = await unusedPort();
    proxy = await startedCaddy(folder, proxyPort, ports[WAYS.indexOf('in a proxy')]!);
    const measured = WAYS.map((way, at) => ({
      way,
      server: servers[at]!,
      port: way === 'in a proxy' ? proxyPort : ports[at]!,
      proxy: way === 'in a proxy' ? proxy?.pid : undefined,
    }));
    for (const { way, port } of measured)
      await generator.ask('add', { port, calls, overMs: START_OVER_MS, isTls: way !== 'none' });
    const row: Record<Way, number[]> = { none: [], 'in Node': [], 'in a proxy': [] };
    for (let round = 0; round < rounds; round += 1)
      for (const one of measured) row[one.way].push(await costOf(one, generator, { calls, holdMs }));
    return row;
  } finally {
    proxy?.kill('SIGKILL');
    await Promise.all([generator, ...servers].map((each) => each.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function costOf(
  { server, port, proxy }: { server: Asked; port: number; proxy: number | undefined },
  generator: Asked,
  { calls, holdMs }: Pick<TlsOptions, 'calls' | 'holdMs'>,
): Promise<number> {
  const cpuSeconds = (): number => cpuSecondsOf(server.pid) + (proxy === undefined ? 0 : cpuSecondsOf(proxy));
  await generator.ask('onlyServer', { port });
  await wait(SETTLE_MS);
  await generator.ask('begin');
  const [before, sinceMs] = [cpuSeconds(), performance.now()];
  await wait(holdMs);
  const used = cpuSeconds() - before;
  const minutes = (performance.now() - sinceMs) / 60_000;
  const { lost, failed } = await generator.ask<LoadFigures>('end');
  if (lost > 0 || failed > 0) throw new Error(`${lost} calls were lost, ${failed} failed`);
  return used / minutes / calls;
}

/** Certificate and key for `localhost`, in PEM. */
function certificateIn(folder: string): readonly [string, string] {
  const files = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name)) as [string, string];
  const parameters = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const out = ['-out', files[0], '-keyout', files[1]];
  execFileSync('openssl', ['req', '-x509', ...parameters, ...names, ...out], { stdio: 'ignore' });
  return [readFileSync(files[0], 'utf8'), readFileSync(files[1], 'utf8')];
}

async function startedCaddy(folder: string, port: number, target: number): Promise<ChildProcess> {
  const file = path.join(folder, 'Caddyfile');
  const site = `https://localhost:${port} {\n\ttls ${folder}/cert.pem ${folder}/key.pem\n`;
  const head = '{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n';
  writeFileSync(file, `${head}${site}\treverse_proxy 127.0.0.1:${target}\n}\n`);
  const command = ['caddy', 'run', '--adapter', 'caddyfile', '--config', file];
  const child = spawn('taskset', ['-c', String(SERVER_CPU), ...command], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  const untilMs = performance.now() + PROXY_WITHIN_MS;
  while (!(await isOpen(port))) {
    if (performance.now() > untilMs || child.exitCode !== null) throw new Error('Caddy did not start');
    await wait(50);
  }
  return child;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export function tlsTable(row: TlsRow): string {
  const lines = WAYS.map((way) => [
    way,
    percentile(row[way], 50).toFixed(3),
    percentile(
      row[way].map((cost, round) => cost / row.none[round]!),
      50,
    ).toFixed(2),
    row[way].map((cost) => cost.toFixed(3)).join(' '),
  ]);
  return table([['TLS', 'CPU s/call-min', 'ratio', 'of rounds'], ...lines]);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
