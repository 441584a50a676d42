import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { requiredProgram } from '../../scripts/tier-tools.ts';

/** A machine of a test's network: a network namespace with one address. */
export interface NetworkPlace {
  readonly address: string;
  /** A shell command in front of a program that runs there, as `startServer` takes it. */
  readonly through: string;
  /** Drops all packets to and from it. No connection is reset. */
  cut(): void;
  /** Packets pass again. */
  mend(): void;
}

/** A network of namespaces, connected by a bridge of this machine. */
export interface TestNetwork {
  /** This machine, as the places see it. */
  readonly address: string;
  place(): NetworkPlace;
  /** Kills what runs in the places, and removes the network. */
  end(): Promise<void>;
}

/** Removes the network `$0` when its input ends: also if this process is killed. */
const GUARD = `cat > /dev/null
for place in $(ip netns list | cut -d ' ' -f 1 | grep "^$0-"); do
  ip netns pids "$place" | xargs -r kill -9
  ip netns delete "$place"
done
# A namespace lives on while one of its processes is still ending.
for link in $(ip -o link | grep -o " $0p[0-9]*"); do ip link delete "$link"; done
ip link delete "$0"`;

const DROP = 'table ip offhook { chain in { type filter hook input priority 0; policy drop; }; ';
const DROP_OUTPUT = 'chain out { type filter hook output priority 0; policy drop; }; }';

/** Why this process may not make networks; undefined: it may. */
export function whyNoNetwork(): string | undefined {
  const name = newName();
  try {
    makeBridge(name);
    makePlace(name, 1).cut();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    spawnSync(requiredProgram('ip'), ['netns', 'delete', `${name}-1`]);
    spawnSync(requiredProgram('ip'), ['link', 'delete', name]);
  }
}

/** Makes an empty network. Throws if this process may not. */
export function makeNetwork(): TestNetwork {
  const name = newName();
  const guard = startGuard(name);
  let places = 0;
  try {
    const address = makeBridge(name);
    return {
      address,
      place: () => makePlace(name, (places += 1), address),
      end: async () => {
        const gone = once(guard, 'exit');
        guard.stdin!.end();
        await gone;
      },
    };
  } catch (error) {
    guard.stdin!.end();
    throw error;
  }
}

function startGuard(name: string): ChildProcess {
  return spawn('sh', ['-c', GUARD, name], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
}

/** Names of interfaces have at most 15 characters. */
function newName(): string {
  return `oh${randomBytes(4).toString('hex')}`;
}

/** Returns the address of this machine on the bridge. */
function makeBridge(name: string): string {
  const address = `10.${randomInt(128, 255)}.${randomInt(1, 255)}.1`;
  ip('link', 'add', name, 'type', 'bridge');
  ip('address', 'add', `${address}/24`, 'dev', name);
  ip('link', 'set', name, 'up');
  return address;
}

function makePlace(bridge: string, number: number, gateway = '10.0.0.1'): NetworkPlace {
  const name = `${bridge}-${number}`;
  const port = `${bridge}p${number}`;
  const address = gateway.replace(/\d+$/u, String(number + 1));
  ip('netns', 'add', name);
  ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('link', 'set', port, 'master', bridge, 'up');
  ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const filter = (rules: string): void => ip('netns', 'exec', name, requiredProgram('nft'), rules);
  return {
    address,
    through: `exec ${requiredProgram('ip')} netns exec ${name}`,
    cut: () => filter(DROP + DROP_OUTPUT),
    mend: () => filter('delete table ip offhook'),
  };
}

function ip(...parameters: readonly string[]): void {
  const { error, status, stderr } = spawnSync(requiredProgram('ip'), parameters, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`ip ${parameters.join(' ')}: ${stderr.trim()}`);
}
