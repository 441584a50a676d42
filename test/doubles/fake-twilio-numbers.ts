import type { FakeOpenAiExchange } from './fake-openai-exchange.ts';

/** A telephone number as the account sees it, with Twilio's own names. */
export interface FakeNumber {
  readonly sid: string;
  readonly phone_number: string;
  readonly friendly_name: string;
  readonly capabilities: { readonly voice: boolean; readonly sms: boolean; readonly mms: boolean };
  voice_url: string | null;
  voice_method: string;
  voice_fallback_url: string | null;
  voice_fallback_method: string;
  status_callback: string | null;
  status_callback_method: string;
  voice_application_sid: string | null;
  trunk_sid: string | null;
}

/** A number as bought: Twilio's welcome document answers. */
export function fakeNumber(phoneNumber: string, over: Partial<FakeNumber> = {}): FakeNumber {
  return {
    sid: `PN${phoneNumber.replace(/\D/g, '').padStart(32, '0')}`,
    phone_number: phoneNumber,
    friendly_name: phoneNumber,
    capabilities: { voice: true, sms: true, mms: true },
    voice_url: 'https://demo.twilio.com/welcome/voice/',
    voice_method: 'POST',
    voice_fallback_url: null,
    voice_fallback_method: 'POST',
    status_callback: '',
    status_callback_method: 'POST',
    voice_application_sid: null,
    trunk_sid: null,
    ...over,
  };
}

/** What is answered, and with which status. */
export interface RestAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Twilio's error codes: twilio.com/docs/api/errors. */
const NOT_FOUND = 20404;
const INVALID_URL = 21402;
const INVALID_METHOD = 21403;
const FALLBACK_WITHOUT_URL = 21405;
const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1_000;

/** Form field → member, for each kind of value. */
const URLS: Readonly<Record<string, keyof FakeNumber>> = {
  VoiceUrl: 'voice_url',
  VoiceFallbackUrl: 'voice_fallback_url',
  StatusCallback: 'status_callback',
};
const METHODS: Readonly<Record<string, keyof FakeNumber>> = {
  VoiceMethod: 'voice_method',
  VoiceFallbackMethod: 'voice_fallback_method',
  StatusCallbackMethod: 'status_callback_method',
};

/** The resource IncomingPhoneNumbers of one account: list with pages, fetch, update. */
export class FakeTwilioNumbers {
  readonly #accountSid: string;
  readonly #numbers: readonly FakeNumber[];
  /** The largest page that is served, so that few numbers make several pages. */
  readonly #largestPage: number;

  constructor(accountSid: string, numbers: readonly FakeNumber[], largestPage = MAX_PAGE_SIZE) {
    this.#accountSid = accountSid;
    this.#numbers = numbers;
    this.#largestPage = largestPage;
  }

  list(query: URLSearchParams): RestAnswer {
    const wanted = query.get('PhoneNumber');
    const all = this.#numbers.filter((each) => wanted === null || each.phone_number === wanted);
    const asked = Number(query.get('PageSize') ?? DEFAULT_PAGE_SIZE);
    const size = Math.min(asked, this.#largestPage);
    const page = Number(query.get('Page') ?? 0);
    const shown = all.slice(page * size, (page + 1) * size);
    const base = `/2010-04-01/Accounts/${this.#accountSid}/IncomingPhoneNumbers.json`;
    const address = (n: number): string =>
      `${base}?PageSize=${asked}&Page=${n}${n > 0 ? `&PageToken=PA${shown.at(-1)?.sid ?? ''}` : ''}`;
    return {
      status: 200,
      body: {
        incoming_phone_numbers: shown.map((each) => this.#resource(each)),
        page,
        page_size: size,
        start: page * size,
        end: page * size + shown.length - 1,
        uri: address(page),
        first_page_uri: address(0),
        next_page_uri: (page + 1) * size < all.length ? address(page + 1) : null,
        previous_page_uri: page > 0 ? address(page - 1) : null,
      },
    };
  }

  fetch(sid: string): RestAnswer {
    const number = this.#numbers.find((each) => each.sid === sid);
    return number ? { status: 200, body: this.#resource(number) } : this.#unknown(sid);
  }

  update(sid: string, fields: Readonly<Record<string, string>>): RestAnswer {
    const number = this.#numbers.find((each) => each.sid === sid);
    if (!number) return this.#unknown(sid);
    const refusal = refusalOf(number, fields);
    if (refusal) return refusal;
    for (const [field, member] of [...Object.entries(URLS), ...Object.entries(METHODS)])
      if (fields[field] !== undefined) Object.assign(number, { [member]: fields[field] });
    const { VoiceApplicationSid: application, TrunkSid: trunk } = fields;
    // Setting one of the two deletes the other.
    if (application !== undefined) number.voice_application_sid = application || null;
    if (application) number.trunk_sid = null;
    if (trunk !== undefined) number.trunk_sid = trunk || null;
    if (trunk) number.voice_application_sid = null;
    return { status: 200, body: this.#resource(number) };
  }

  #resource(number: FakeNumber): Readonly<Record<string, unknown>> {
    return {
      ...number,
      account_sid: this.#accountSid,
      api_version: '2010-04-01',
      beta: false,
      date_created: 'Mon, 13 Jul 2026 09:00:00 +0000',
      date_updated: 'Mon, 13 Jul 2026 09:00:00 +0000',
      sms_url: '',
      sms_method: 'POST',
      status: 'in-use',
      voice_caller_id_lookup: false,
      voice_receive_mode: 'voice',
      uri: `/2010-04-01/Accounts/${this.#accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
    };
  }

  #unknown(sid: string): RestAnswer {
    const path = `/2010-04-01/Accounts/${this.#accountSid}/IncomingPhoneNumbers/${sid}.json`;
    return restError(404, NOT_FOUND, `The requested resource ${path} was not found`);
  }
}

function refusalOf(number: FakeNumber, fields: Readonly<Record<string, string>>): RestAnswer | undefined {
  for (const field of Object.keys(URLS)) {
    const { [field]: value = '' } = fields;
    if (value !== '' && !/^https?:\/\/[^\s/]+\.?[^\s]*$/.test(value))
      return restError(400, INVALID_URL, `${field} is not valid: ${value}`);
  }
  for (const field of Object.keys(METHODS)) {
    const { [field]: value = 'POST' } = fields;
    if (!/^(GET|POST)$/.test(value)) return restError(400, INVALID_METHOD, `${field} must be GET or POST`);
  }
  const voiceUrl = fields['VoiceUrl'] ?? number.voice_url;
  if (fields['VoiceFallbackUrl'] && !voiceUrl)
    return restError(400, FALLBACK_WITHOUT_URL, 'Cannot set VoiceFallbackUrl without setting VoiceUrl');
  return undefined;
}

export function restError(status: number, code: number, message: string): RestAnswer {
  const more_info = `https://www.twilio.com/docs/errors/${String(code)}`;
  return { status, body: { code, message, more_info, status } };
}

export function sendAnswer(exchange: FakeOpenAiExchange, { status, body }: RestAnswer): number {
  exchange.answer(status, body);
  return status;
}
