import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Operating systems assign ports from 32768 (Linux) or 49152 to connections and to servers without a fixed port. */
const FROM_PORT = 12_000;
const BEFORE_PORT = 32_768;
const MAX_TRIES = 100;

/** A free port that the operating system assigns to nothing else, so it stays free while its server is down. */
export async function unusedPort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FROM_PORT, BEFORE_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
