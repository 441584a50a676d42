import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readAllScenarios } from '../../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../doubles/fake-openai.ts';
import { type FakeNumber, fakeNumber } from '../../doubles/fake-twilio-numbers.ts';
import {
  type FakeTwilioRest,
  startFakeTwilioRest,
  type TwilioRestOptions,
} from '../../doubles/fake-twilio-rest.ts';
import { type PrefixProxy, startPrefixProxy } from '../../doubles/prefix-proxy.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { unusedPort } from '../../support/unused-port.ts';

export const KEY = 'sk-test';
export const ACCOUNT = `AC${'1'.repeat(32)}`;
export const TOKEN = '0123456789abcdef0123456789abcdef';
export const NUMBER = '+15550100';

/** An empty directory, the services, a Twilio account with one number, and a proxy that leads to the server's port. */
export class SetupScene {
  readonly folder = ownFolder();
  readonly number: FakeNumber;
  readonly port: number;
  readonly openAi: FakeOpenAi;
  readonly twilio: FakeTwilioRest;
  readonly proxy: PrefixProxy;

  private constructor(parts: Pick<SetupScene, 'number' | 'port' | 'openAi' | 'twilio' | 'proxy'>) {
    this.number = parts.number;
    this.port = parts.port;
    this.openAi = parts.openAi;
    this.twilio = parts.twilio;
    this.proxy = parts.proxy;
  }

  static async start(options: Partial<TwilioRestOptions> = {}): Promise<SetupScene> {
    const number = fakeNumber(NUMBER, {
      voice_fallback_url: 'https://example.com/fallback',
      voice_method: 'GET',
    });
    const openAi = await startFakeOpenAi({ scenarios: readAllScenarios(), apiKey: KEY });
    const account = { accountSid: ACCOUNT, authToken: TOKEN, numbers: [number] };
    const twilio = await startFakeTwilioRest({ ...account, ...options });
    const proxy = await startPrefixProxy('/phone');
    const port = await unusedPort();
    proxy.leadTo(port);
    return new SetupScene({ number, port, openAi, twilio, proxy });
  }

  get envFile(): string {
    return path.join(this.folder.path, '.env');
  }

  get env(): string | undefined {
    return existsSync(this.envFile) ? readFileSync(this.envFile, 'utf8') : undefined;
  }

  /** The requests that changed something at Twilio. */
  get updates(): readonly Readonly<Record<string, string>>[] {
    return this.twilio.all.filter(({ method }) => method !== 'GET').map(({ fields }) => fields);
  }

  /** Every answer as an option. */
  options(over: Readonly<Record<string, string>> = {}): string[] {
    const answers = {
      '--openai-api-key': KEY,
      '--openai-base-url': this.openAi.url,
      '--twilio-account-sid': ACCOUNT,
      '--twilio-auth-token': TOKEN,
      '--public-url': this.proxy.url,
      '--port': String(this.port),
      '--set': `TWILIO_API_BASE_URL=${this.twilio.url}`,
      ...over,
    };
    return Object.entries(answers).flatMap(([option, value]) => (value === '' ? [] : [option, value]));
  }

  async close(): Promise<void> {
    await Promise.all([this.openAi.close(), this.twilio.close(), this.proxy.close()]);
    this.folder[Symbol.dispose]();
  }
}
