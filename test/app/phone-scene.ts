import { readAllScenarios, readScenario, type Scenario } from '../../src/simulator/fixtures/scenario.ts';
import type { SimulatedCall } from '../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { type FakeTwilioRest, startFakeTwilioRest } from '../doubles/fake-twilio-rest.ts';
import { Offhook, type OffhookOptions, SIGNED, TWILIO } from '../support/test-server.ts';

/** A caller who never says a word. */
export const SILENT_CALLER: Scenario = { ...readScenario('message'), steps: [] };
/** Settings of an answering machine that hangs up soon. */
export const IMPATIENT = { MESSAGE_PAUSE_MS: '1000', MESSAGE_SILENCE_MS: '2000' };

export const keyFor = ({ url }: FakeOpenAi) => ({ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: url });

/** Servers of one test file, whose cases run concurrently: all are closed at its end. */
export class PhoneScene {
  readonly #open: { close(): Promise<void> }[] = [];

  async start(environment: Record<string, string> = {}, options: OffhookOptions = {}): Promise<Offhook> {
    const offhook = await Offhook.start({ ...SIGNED, ...environment }, options);
    this.#open.push(offhook);
    return offhook;
  }

  /** Without a Twilio token: only local requests are admitted. */
  async startUnsigned(environment: Record<string, string> = {}): Promise<Offhook> {
    const offhook = await Offhook.start(environment);
    this.#open.push(offhook);
    return offhook;
  }

  async startOpenAi(): Promise<FakeOpenAi> {
    const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
    this.#open.push(openAi);
    return openAi;
  }

  async startTelephone(): Promise<Telephone> {
    const telephone = new Telephone();
    this.#open.push(await telephone.start());
    return telephone;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((each) => each.close()));
  }
}

/** One call, and a Twilio that ends it when asked. */
export class Telephone {
  call: SimulatedCall | undefined;
  rest: FakeTwilioRest | undefined;

  async start(): Promise<FakeTwilioRest> {
    const { accountSid, authToken } = TWILIO;
    const hangUp = (callSid: string): boolean => this.call?.callSid === callSid && this.call.hangUp('rest');
    this.rest = await startFakeTwilioRest({ accountSid, authToken, hangUp });
    return this.rest;
  }

  get settings(): Record<string, string> {
    return { TWILIO_ACCOUNT_SID: TWILIO.accountSid, TWILIO_API_BASE_URL: this.rest?.url ?? '' };
  }
}
