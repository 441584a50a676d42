import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServices } from '../../src/app/services/create-services.ts';
import { loadPrompts } from '../../src/app/load-prompts.ts';
import { openConfiguredCatalogue } from '../../src/app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../../src/app/open-configured-store.ts';
import { type Server, createServer } from '../../src/app/server.ts';
import type { ServerDependencies } from '../../src/app/server-dependencies.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { configuredCluster } from '../../src/cli/serve/server-parts.ts';
import { createLog } from '../../src/log.ts';
import type { CallRecord } from '../../src/records/call-record.ts';
import type { CallFiles } from '../../src/records/write-call-files.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { TwilioRestClient } from '../../src/telephony/twilio/rest-client.ts';

/** Tests check hundreds of passwords; the real cost is 0.4 s each. */
const PASSWORD_HASH_COST = 2 ** 8;

const PROMPTS = path.resolve(import.meta.dirname, '../../prompts');

export const TWILIO = {
  publicUrl: 'https://phone.example.test',
  authToken: '0123456789abcdef0123456789abcdef',
  accountSid: 'AC0123456789abcdef0123456789abcdef',
} as const;

/** The settings with which telephone requests have to be signed, and all others need the API token. */
export const SIGNED = {
  PUBLIC_URL: TWILIO.publicUrl,
  TWILIO_AUTH_TOKEN: TWILIO.authToken,
  API_TOKEN: 'a-program-of-the-tests',
} as const;

export interface OffhookOptions {
  /** Puts into the recordings folder what an earlier process left. */
  readonly prepare?: (directory: string) => Promise<void>;
  /** With the catalogue that the settings name; else without any. */
  readonly catalogue?: boolean;
  readonly pages?: string;
  /** The server's clock (default: this machine's). */
  readonly now?: () => number;
  /** That of one that was closed, for what comes back to it (default: a free one). */
  readonly port?: number;
  /** scrypt's N for the password's hash (default: a small one). */
  readonly passwordHashCost?: number;
}

/** The whole product in this process, on a free port, with a folder of its own. */
export class Offhook {
  /** Lines of the log. */
  readonly logged: string[] = [];
  readonly directory = mkdtempSync(path.join(tmpdir(), 'offhook-call-'));
  readonly #finished = new Map<string, CallFiles[]>();
  readonly #waiting = new Set<() => void>();
  #app: Server | undefined;
  #port = 0;
  #apiToken: string | undefined;

  /** Settings as in the environment; nothing else is read. */
  static async start(
    environment: Readonly<Record<string, string>> = {},
    options: OffhookOptions = {},
  ): Promise<Offhook> {
    const offhook = new Offhook();
    await options.prepare?.(offhook.directory);
    await offhook.#start(environment, options);
    return offhook;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** For a simulated phone that signs. */
  get signedAddress(): { baseUrl: string; publicUrl: string; authToken: string; accountSid: string } {
    const { publicUrl, authToken, accountSid } = TWILIO;
    return { baseUrl: this.url, publicUrl, authToken, accountSid };
  }

  /** What a program sends that knows the API token; nothing where none is set. */
  get authorization(): Record<string, string> {
    return this.#apiToken === undefined ? {} : { authorization: `Bearer ${this.#apiToken}` };
  }

  /** Each time the call's files were written. */
  finishes(callSid: string): readonly CallFiles[] {
    return this.#finished.get(callSid) ?? [];
  }

  /** Resolves when the call's files were written for the `times`th time. */
  async finished(callSid: string, times = 1): Promise<CallFiles> {
    for (;;) {
      const files = this.#finished.get(callSid)?.[times - 1];
      if (files) return files;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves when the log says so; the log is what an operator sees. */
  async logs(pattern: RegExp): Promise<void> {
    while (!this.logged.some((line) => pattern.test(line)))
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  fileOf(name: string): string {
    return path.join(this.directory, name);
  }

  transcript(callSid: string): string {
    return readFileSync(this.fileOf(`call_${callSid}.txt`), 'utf8');
  }

  summary(callSid: string): string {
    return readFileSync(this.fileOf(`call_${callSid}_summary.txt`), 'utf8');
  }

  json(callSid: string): CallRecord {
    return JSON.parse(readFileSync(this.fileOf(`call_${callSid}.json`), 'utf8')) as CallRecord;
  }

  setFormat(callSid: string, format: string): Promise<Response> {
    const body = JSON.stringify({ format });
    const headers = { 'content-type': 'application/json', ...this.authorization };
    return fetch(`${this.url}/audio/set-format/${callSid}`, { method: 'POST', headers, body });
  }

  async health(): Promise<Record<string, unknown>> {
    const headers = this.authorization;
    return (await (await fetch(`${this.url}/health`, { headers })).json()) as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.#app?.close(0);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #start(
    environment: Readonly<Record<string, string>>,
    { catalogue, pages, now, port = 0, passwordHashCost = PASSWORD_HASH_COST }: OffhookOptions,
  ): Promise<void> {
    const result = readSettings(
      { RECORDINGS_DIRECTORY: this.directory, MICROPHONE_DIRECTORY: 'recordings', ...environment },
      { dotEnv: {}, audioConfig: {} },
      this.directory,
    );
    if (!result.ok) throw new Error(result.errors.join('\n'));
    const settings = { ...result.settings, access: { ...result.settings.access, passwordHashCost } };
    this.#apiToken = settings.access.apiToken;
    const { accountSid, authToken, apiBaseUrl } = settings.twilio;
    const rest =
      accountSid && authToken
        ? new TwilioRestClient({ accountSid, authToken, ...(apiBaseUrl && { apiBaseUrl }) })
        : undefined;
    const write = (line: string): void => {
      this.logged.push(line);
      this.#wake();
    };
    const log = createLog({ level: 'info', destination: { write } });
    const store = await openConfiguredStore(settings);
    const dependencies: ServerDependencies = {
      settings,
      log,
      assistant: {
        services: createServices(settings),
        prompts: (await loadPrompts(PROMPTS, PROMPTS, settings.language)).book,
      },
      release: { version: 'test', pages },
      records: { store, catalogue: catalogue ? await openConfiguredCatalogue(settings, log) : undefined },
      telephony: rest && {
        endCall: (callSid) => rest.hangUp(callSid),
        // Without an address of its own it would be Twilio itself.
        check: apiBaseUrl === undefined ? undefined : () => rest.check(),
      },
      observer: {
        finished: (news) => {
          if (news.kind !== 'finished') return;
          const before = this.#finished.get(news.callSid) ?? [];
          this.#finished.set(news.callSid, [...before, news.files]);
          this.#wake();
        },
      },
      clock: now && { ...systemClock, now },
    };
    this.#app = await createServer(dependencies, { cluster: await configuredCluster(settings, log) });
    await rest?.warmUp();
    this.#port = await this.#app.listen(port, '127.0.0.1');
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const each of waiting) each();
  }
}
