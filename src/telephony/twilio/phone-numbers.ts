import type { Twilio } from 'twilio';
import { createTwilioClient, type TwilioAccount } from './rest-client.ts';

/** What Twilio does with calls to a number. An empty text is an absent value. */
export interface NumberRouting {
  readonly voiceUrl: string;
  readonly voiceMethod: string;
  readonly voiceFallbackUrl: string;
  readonly voiceFallbackMethod: string;
  readonly statusCallback: string;
  readonly statusCallbackMethod: string;
  /** A TwiML application; Twilio then ignores the addresses of the number. */
  readonly voiceApplicationSid: string;
  /** A SIP trunk; Twilio then ignores both the addresses and the application. */
  readonly trunkSid: string;
}

/** A telephone number of the account. */
export interface AccountNumber {
  readonly sid: string;
  /** In E.164. */
  readonly phoneNumber: string;
  readonly name: string;
  readonly receivesCalls: boolean;
  readonly routing: NumberRouting;
}

/** A page of Twilio has 1,000 numbers at most. */
const PAGE_SIZE = 1_000;
const MAX_NUMBERS = 10_000;

type Resource = Awaited<ReturnType<Twilio['incomingPhoneNumbers']['list']>>[number];

/** The telephone numbers of an account, through Twilio's REST API. Failures reject with Twilio's error. */
export class TwilioNumbers {
  readonly #account: TwilioAccount;
  #client: Promise<Twilio> | undefined;

  constructor(account: TwilioAccount) {
    this.#account = account;
  }

  async list(): Promise<AccountNumber[]> {
    const client = await this.#connect();
    const found = await client.incomingPhoneNumbers.list({ pageSize: PAGE_SIZE, limit: MAX_NUMBERS });
    return found.map(numberOf);
  }

  async fetch(sid: string): Promise<AccountNumber> {
    const client = await this.#connect();
    return numberOf(await client.incomingPhoneNumbers(sid).fetch());
  }

  /** Sends the given values alone; an empty text removes a value. */
  async update(sid: string, routing: Partial<NumberRouting>): Promise<AccountNumber> {
    const client = await this.#connect();
    return numberOf(await client.incomingPhoneNumbers(sid).update(routing));
  }

  #connect(): Promise<Twilio> {
    this.#client ??= createTwilioClient(this.#account);
    return this.#client;
  }
}

/** Twilio returns null or an empty text for an absent value; the package's types know neither. */
function numberOf(resource: Resource): AccountNumber {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const { capabilities } = resource as { capabilities?: { voice?: boolean } };
  return {
    sid: resource.sid,
    phoneNumber: resource.phoneNumber,
    name: text(resource.friendlyName),
    receivesCalls: capabilities?.voice !== false,
    routing: {
      voiceUrl: text(resource.voiceUrl),
      voiceMethod: text(resource.voiceMethod),
      voiceFallbackUrl: text(resource.voiceFallbackUrl),
      voiceFallbackMethod: text(resource.voiceFallbackMethod),
      statusCallback: text(resource.statusCallback),
      statusCallbackMethod: text(resource.statusCallbackMethod),
      voiceApplicationSid: text(resource.voiceApplicationSid),
      trunkSid: text(resource.trunkSid),
    },
  };
}
