import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { moveToNewName } from '../../storage/move-to-new-name.ts';
import { cookieIn } from './cookies.ts';

export const BROWSER_COOKIE = 'offhook_browser';
/** How long a browser is known after its last login. */
export const KNOWN_FOR_MS = 180 * 24 * 3_600_000;
const KEY_BYTES = 32;
/** Id, time of issue in milliseconds, HMAC-SHA-256. */
const COOKIE = /^([\w-]{22})\.(\d{1,15})\.([\w-]{43})$/;

/** Agrees with other machines on one key. */
export interface SharedKey {
  /** The key of all machines: that of the first one, which may be `own`. Resolves within a bounded time; undefined: not agreed yet. */
  agree(own: Buffer): Promise<Buffer | undefined>;
}

/**
 * Recognises browsers that logged in before, by a signed cookie. It does not log a browser in: the attempts of known
 * browsers are limited apart from those of strangers.
 */
export class KnownBrowsers {
  readonly #keyFile: string;
  readonly #failed: (error: unknown) => void;
  readonly #shared: SharedKey | undefined;
  #own: Promise<Buffer> | undefined;
  #agreed: Buffer | undefined;

  /**
   * `keyFile` is created at the first login. If that `failed`, browsers are known until this process ends. With a `shared` key, a browser is
   * known to all machines; while these cannot agree, the key of the file is used.
   */
  constructor(keyFile: string, failed: (error: unknown) => void, shared?: SharedKey) {
    this.#keyFile = keyFile;
    this.#failed = failed;
    this.#shared = shared;
  }

  /** The value of a new cookie. A known browser keeps its id. */
  async issue(cookies: string | undefined, nowMs: number): Promise<string> {
    const id = (await this.idOf(cookies, nowMs)) ?? randomBytes(16).toString('base64url');
    const claim = `${id}.${Math.round(nowMs)}`;
    return `${claim}.${await this.#sign(claim)}`;
  }

  /** The id of a known browser; undefined for strangers, forged cookies and expired ones. */
  async idOf(cookies: string | undefined, nowMs: number): Promise<string | undefined> {
    const [, id, issued, signature] = COOKIE.exec(cookieIn(cookies, BROWSER_COOKIE) ?? '') ?? [];
    if (id === undefined || issued === undefined || signature === undefined) return undefined;
    const expected = await this.#sign(`${id}.${issued}`);
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
    return nowMs - Number(issued) > KNOWN_FOR_MS ? undefined : id;
  }

  async #sign(claim: string): Promise<string> {
    const key = this.#agreed ?? (await this.#agree());
    return createHmac('sha256', key).update(claim).digest('base64url');
  }

  async #agree(): Promise<Buffer> {
    this.#own ??= openKey(this.#keyFile).catch((error: unknown) => {
      this.#failed(error);
      return randomBytes(KEY_BYTES);
    });
    const own = await this.#own;
    const agreed = this.#shared ? await this.#shared.agree(own) : own;
    if (!agreed || this.#agreed) return this.#agreed ?? own;
    this.#agreed = agreed;
    // A Redis that loses its data gets the same key again, whichever machine is first.
    if (!agreed.equals(own)) await replaceKey(this.#keyFile, agreed).catch(this.#failed);
    return agreed;
  }
}

/** The key in a file. The process that creates the file first decides. */
async function openKey(file: string): Promise<Buffer> {
  const aside = `${file}.${randomUUID()}`;
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === undefined) {
    await writeFile(aside, randomBytes(KEY_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
    if (!(await moveToNewName(aside, file))) await rm(aside, { force: true });
  }
  const key = Buffer.from(found ?? (await readFile(file, 'utf8')), 'base64url');
  if (key.length !== KEY_BYTES) throw new Error(`${file} is not a key; delete it, and a new one is created`);
  return key;
}

async function replaceKey(file: string, key: Buffer): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await writeFile(aside, key.toString('base64url'), { mode: 0o600, flag: 'wx' });
  await rename(aside, file);
}
