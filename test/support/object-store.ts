import S3rver from '@20minutes/s3rver';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FaultyProxy } from './faulty-proxy.ts';

export const BUCKET = 'recordings-of-a-test';
const ANY_PORT = 0;

/** A real server of the S3 protocol with its objects in a folder, behind a proxy that can do harm. */
export class ObjectStore {
  readonly proxy: FaultyProxy;
  readonly #folder: string;
  #server: S3rver;

  private constructor(folder: string, server: S3rver, proxy: FaultyProxy) {
    this.#folder = folder;
    this.#server = server;
    this.proxy = proxy;
  }

  static async start(folder: string): Promise<ObjectStore> {
    const { server, port } = await serve(folder);
    return new ObjectStore(folder, server, await FaultyProxy.start(port));
  }

  /** What the clients are told. */
  get endpoint(): string {
    return this.proxy.url;
  }

  /** Nobody listens any more. */
  async goDown(): Promise<void> {
    this.proxy.leadTo(undefined);
    await this.#server.close();
  }

  async comeBack(): Promise<void> {
    const { server, port } = await serve(this.#folder);
    this.#server = server;
    this.proxy.leadTo(port);
  }

  /** An object as it lies on the server's disk; undefined where there is none. */
  bytes(key: string): Buffer | undefined {
    const file = path.join(this.#folder, BUCKET, `${key}._S3rver_object`);
    return existsSync(file) ? readFileSync(file) : undefined;
  }

  keys(prefix = ''): string[] {
    const folder = path.join(this.#folder, BUCKET, prefix);
    if (!existsSync(folder)) return [];
    const objects = readdirSync(folder).filter((name) => name.endsWith('._S3rver_object'));
    return objects.map((name) => name.replace('._S3rver_object', '')).sort();
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.#server.close().catch(() => undefined);
  }
}

async function serve(directory: string): Promise<{ server: S3rver; port: number }> {
  const server = new S3rver({
    address: '127.0.0.1',
    port: ANY_PORT,
    silent: true,
    directory,
    resetOnClose: false,
    configureBuckets: [{ name: BUCKET }],
  });
  return { server, port: (await server.run()).port };
}
