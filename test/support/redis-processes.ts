import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import { comesTrue } from './comes-true.ts';
import { unusedPort } from './unused-port.ts';

/** Several real servers of Redis, in one folder. */
export class RedisProcesses {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'offhook-redis-'));
  readonly #children = new Map<number, ChildProcess>();
  readonly #clients: Redis[] = [];

  /** Starts a server without persistence and returns its port when it answers. */
  async start(...parameters: readonly string[]): Promise<number> {
    const port = await unusedPort();
    const own = ['--port', String(port), '--save', '', '--bind', '127.0.0.1', '--dir', this.folder];
    this.#spawn(port, [...own, ...parameters]);
    await this.#answers(port);
    return port;
  }

  /** Starts a sentinel that watches a server as the group `calls`. */
  async startSentinel(master: number, quorum: number): Promise<number> {
    const port = await unusedPort();
    const file = path.join(this.folder, `sentinel-${port}.conf`);
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor calls 127.0.0.1 ${master} ${quorum}`,
      'sentinel down-after-milliseconds calls 500',
      'sentinel failover-timeout calls 2000',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    this.#spawn(port, [file, '--sentinel']);
    await this.#answers(port);
    return port;
  }

  client(port: number): Redis {
    const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  async kill(port: number): Promise<void> {
    const child = this.#children.get(port);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all([...this.#children.keys()].map((port) => this.kill(port)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #answers(port: number): Promise<void> {
    const client = this.client(port);
    await comesTrue('Redis answers', () =>
      client.ping().then(
        () => true,
        () => false,
      ),
    );
  }

  #spawn(port: number, parameters: readonly string[]): void {
    this.#children.set(port, spawn(requiredProgram('redis-server'), parameters, { stdio: 'ignore' }));
  }
}

/** A group of servers with three sentinels. */
export interface SentinelGroup {
  readonly url: string;
  killMaster(): Promise<void>;
  end(): Promise<void>;
}

export async function startedSentinels(): Promise<SentinelGroup> {
  const processes = new RedisProcesses();
  const master = await processes.start();
  const replica = await processes.start('--replicaof', '127.0.0.1', String(master));
  const sentinels = await Promise.all([1, 2, 3].map(() => processes.startSentinel(master, 2)));
  const [first] = sentinels.map((port) => processes.client(port));
  const read = processes.client(replica);
  await comesTrue('the replica is in sync', async () =>
    (await read.info('replication')).includes('master_link_status:up'),
  );
  await comesTrue('the sentinels know each other and the replica', async () => {
    const master = String(await first!.call('SENTINEL', 'MASTER', 'calls')).split(',');
    const valueOf = (name: string): string | undefined => master[master.indexOf(name) + 1];
    return valueOf('num-other-sentinels') === '2' && valueOf('num-slaves') === '1';
  });
  return {
    url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/calls`,
    killMaster: () => processes.kill(master),
    end: () => processes.end(),
  };
}

/** A cluster of three masters. */
export interface ClusterGroup {
  readonly url: string;
  end(): Promise<void>;
}

const SLOTS = 16_384;

export async function startedCluster(): Promise<ClusterGroup> {
  const processes = new RedisProcesses();
  const ports = await Promise.all(
    [1, 2, 3].map(async (number) =>
      processes.start(
        ...['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${number}.conf`],
        ...['--cluster-port', String(await unusedPort())],
      ),
    ),
  );
  const nodes = ports.map((port) => processes.client(port));
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [0, 1].map((more) => Math.floor((SLOTS * (index + more)) / nodes.length));
    await node.call('CLUSTER', 'ADDSLOTSRANGE', from!, to! - 1);
  }
  const busOf = async (node: Redis): Promise<string> =>
    /@(\d+)/u.exec(String(await node.call('CLUSTER', 'NODES')))![1]!;
  for (const [index, node] of nodes.entries())
    await nodes[0]!.call('CLUSTER', 'MEET', '127.0.0.1', ports[index]!, await busOf(node));
  await comesTrue('the cluster works', async () => {
    const states = await Promise.all(nodes.map((node) => node.call('CLUSTER', 'INFO')));
    return states.every((state) => /cluster_state:ok[^]*cluster_known_nodes:3/u.test(String(state)));
  });
  return {
    url: `redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    end: () => processes.end(),
  };
}

/** A server that only takes TLS, with a certificate of an authority of its own, and one user. */
export interface TlsServer {
  /** With user and password. */
  readonly url: string;
  /** The certificate of the authority. */
  readonly authority: string;
  end(): Promise<void>;
}

const USER = 'calls';
const PASSWORD = 'a/b@c';

export async function startedTls(rights: readonly string[]): Promise<TlsServer> {
  const processes = new RedisProcesses();
  const at = (name: string): string => path.join(processes.folder, name);
  const openssl = (...parameters: readonly string[]): void =>
    void execFileSync(requiredProgram('openssl'), parameters, { cwd: processes.folder, stdio: 'ignore' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
  openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.pem');
  writeFileSync(
    at('users'),
    `user default on nopass -@all +ping +info\nuser ${USER} on >${PASSWORD} ${rights.join(' ')}\n`,
  );
  const tls = await unusedPort();
  const files = ['--tls-cert-file', at('server.pem'), '--tls-key-file', at('server.key')];
  await processes.start(
    ...['--tls-port', String(tls), '--tls-ca-cert-file', at('ca.pem'), '--tls-auth-clients', 'no', ...files],
    ...['--aclfile', at('users')],
  );
  const user = `${USER}:${encodeURIComponent(PASSWORD)}`;
  return { url: `rediss://${user}@localhost:${tls}`, authority: at('ca.pem'), end: () => processes.end() };
}
