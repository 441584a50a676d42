import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { kill as signalGroup } from 'node:process';
import { pathToFileURL } from 'node:url';

/** A tunnel that is open until `close`. */
export interface Tunnel {
  /** Addresses that may be its own, in the order of their appearance. */
  addresses(): readonly string[];
  /** Why it ended by itself; undefined while it runs. */
  ended(): string | undefined;
  /** The last lines that it printed. */
  output(): string;
  close(): Promise<void>;
}

const ADDRESS = /https:\/\/[a-z0-9][^\s"'<>()[\]{}|,;]*[a-z0-9/]/gi;
const MAX_ADDRESSES = 10;
const MAX_OUTPUT = 20_000;
const SHOWN_LINES = 8;
const ENDS_WITHIN_MS = 3_000;
const NGROK = '@ngrok/ngrok';
const TOKEN_PAGE = 'https://dashboard.ngrok.com/get-started/your-authtoken';

/** The parts of the package @ngrok/ngrok that are used. */
interface Ngrok {
  forward(options: {
    readonly addr: number;
    readonly authtoken?: string | undefined;
    readonly domain?: string | undefined;
  }): Promise<{ url(): string | null; close(): Promise<void> }>;
}

/** Runs a command that opens a tunnel to this machine. What it prints contains its address. */
export function runTunnel(command: string): Tunnel {
  // A group of its own: the shell's children end with it.
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let reason: string | undefined;
  const take = (data: Buffer): void => void (printed = (printed + data.toString()).slice(-MAX_OUTPUT));
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const exited = new Promise<void>((resolve) => {
    child.on('error', ({ message }) => {
      reason = message;
      resolve();
    });
    child.on('close', (code, signal) => {
      reason ??= signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      resolve();
    });
  });
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (reason === undefined && child.pid !== undefined) signalGroup(-child.pid, signal);
    } catch {
      child.kill(signal);
    }
  };
  const killAtExit = (): void => kill('SIGKILL');
  process.once('exit', killAtExit);
  return {
    addresses: () => [...new Set(printed.match(ADDRESS) ?? [])].slice(0, MAX_ADDRESSES),
    ended: () => reason,
    output: () => printed.trim().split('\n').slice(-SHOWN_LINES).join('\n'),
    close: async () => {
      process.off('exit', killAtExit);
      kill('SIGTERM');
      const timer = setTimeout(() => kill('SIGKILL'), ENDS_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

export interface NgrokOptions {
  readonly port: number;
  /** The package is loaded from there. */
  readonly cwd: string;
  readonly authtoken: string | undefined;
  /** That of an earlier tunnel; ngrok chooses another one if it is not available. */
  readonly domain: string | undefined;
}

/** A tunnel by ngrok's package, which is not a dependency. Rejects with a sentence if it is missing or refuses. */
export async function openNgrok({ port, cwd, authtoken, domain }: NgrokOptions): Promise<Tunnel> {
  const ngrok = await loadNgrok(cwd);
  if (!authtoken)
    throw new Error(
      `NGROK_AUTHTOKEN is not set in the environment; the token of your account is at ${TOKEN_PAGE}`,
    );
  const open = (wanted?: string) => ngrok.forward({ addr: port, authtoken, domain: wanted });
  // The domain of an earlier tunnel may not be available any more.
  const listener = await open(domain).catch((error: unknown) =>
    domain === undefined ? refuse(error) : open().catch(refuse),
  );
  const url = listener.url();
  return {
    addresses: () => (url === null ? [] : [url]),
    ended: () => undefined,
    output: () => '',
    close: () => listener.close(),
  };
}

/** The package's errors have a text alone; some span lines. */
function refuse(error: unknown): never {
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
  throw new Error(
    `ngrok opens no tunnel: ${reason}; compare NGROK_AUTHTOKEN with ${TOKEN_PAGE}, and check that this machine reaches the internet without a proxy`,
  );
}

async function loadNgrok(cwd: string): Promise<Ngrok> {
  let file: string;
  try {
    file = createRequire(path.join(cwd, 'package.json')).resolve(NGROK);
  } catch {
    throw new Error(
      `the package ${NGROK} is not installed here; run \`npm install --no-save ${NGROK}\`, and set NGROK_AUTHTOKEN`,
    );
  }
  const loaded = (await import(pathToFileURL(file).href)) as Ngrok & { readonly default?: Ngrok };
  return loaded.default ?? loaded;
}
