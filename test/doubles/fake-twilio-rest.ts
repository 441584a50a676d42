import type { Fault } from './fake-openai-faults.ts';
import {
  type FakeNumber,
  FakeTwilioNumbers,
  type RestAnswer,
  restError,
  sendAnswer,
} from './fake-twilio-numbers.ts';
import { startLocalServer } from './http-server.ts';

export interface TwilioRestOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Ends the simulated call, as `SimulatedCall.hangUp('rest')`; false when no such call is in progress (default: always). */
  readonly hangUp?: (callSid: string) => boolean;
  /** Redirects the simulated call, as `SimulatedCall.redirect`; false when no such call is in progress (default: always). */
  readonly redirect?: (callSid: string, url: string) => boolean;
  /** The account's telephone numbers (default: none). They change by updates. */
  readonly numbers?: readonly FakeNumber[];
  /** The largest page of a list (default: Twilio's 1,000). */
  readonly largestPage?: number;
  readonly accountStatus?: 'active' | 'suspended' | 'closed';
  readonly port?: number;
  /** Faults by request; they go before those that were set. */
  readonly faultFor?: (request: RestRequest) => Fault | undefined;
}

interface RestRequestSeen {
  readonly callSid: string;
  readonly fields: Readonly<Record<string, string>>;
  status?: number;
}

/** An authenticated request. */
interface RestRequest {
  readonly method: string;
  /** Below the account, with the query. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface FakeTwilioRest {
  /** For TWILIO_API_BASE_URL. */
  readonly url: string;
  /** Requests that end calls. */
  readonly requests: readonly RestRequestSeen[];
  /** All requests with the right token. */
  readonly all: readonly RestRequest[];
  /** From now on every request fails so, for `times` requests; undefined heals it. */
  setFault(fault: Fault | undefined, times?: number): void;
  close(): Promise<void>;
}

/** Twilio's error codes: twilio.com/docs/api/errors. */
const NOT_AUTHENTICATED = 20003;
const NOT_FOUND = 20404;
const BAD_PARAMETER = 20001;
const NOT_IN_PROGRESS = 21220;

/** Starts the parts of Twilio's REST interface that offhook uses: the account, its numbers, ending a call in progress. */
export async function startFakeTwilioRest(options: TwilioRestOptions): Promise<FakeTwilioRest> {
  const requests: RestRequestSeen[] = [];
  const all: RestRequest[] = [];
  const numbers = new FakeTwilioNumbers(options.accountSid, options.numbers ?? [], options.largestPage);
  let fault: Fault | undefined;
  let times = 0;
  const takeFault = () => (fault !== undefined && times-- > 0 ? fault : undefined);

  const { url, close } = await startLocalServer(async (exchange) => {
    const { method = '', url: path = '', headers } = exchange.request;
    const login = Buffer.from(`${options.accountSid}:${options.authToken}`).toString('base64');
    if (headers.authorization !== `Basic ${login}`) {
      sendAnswer(exchange, restError(401, NOT_AUTHENTICATED, 'Authenticate'));
      return;
    }
    const [, account, rest = ''] = /^\/2010-04-01\/Accounts\/(\w+)(.*)$/.exec(path) ?? [];
    if (account !== options.accountSid) {
      sendAnswer(exchange, notFound(path));
      return;
    }
    const body = Buffer.from(await exchange.body()).toString();
    const request = { method, path: rest, fields: Object.fromEntries(new URLSearchParams(body)) };
    all.push(request);
    const callSid = method === 'POST' ? /^\/Calls\/(\w+)\.json$/.exec(rest)?.[1] : undefined;
    const seen: RestRequestSeen | undefined =
      callSid === undefined ? undefined : { callSid, fields: request.fields };
    if (seen) requests.push(seen);
    if (!(await exchange.begin(options.faultFor?.(request) ?? takeFault()))) return;
    const status = sendAnswer(
      exchange,
      seen ? changeCall(seen, options) : answerOf(request, options, numbers),
    );
    if (seen) seen.status = status;
  }, options.port);

  return {
    ...{ url, requests, all, close },
    setFault: (next, count = Infinity) => {
      fault = next;
      times = count;
    },
  };
}

function answerOf(
  { method, path, fields }: RestRequest,
  { accountSid, accountStatus = 'active' }: TwilioRestOptions,
  numbers: FakeTwilioNumbers,
): RestAnswer {
  const { pathname, searchParams } = new URL(path, 'http://twilio.invalid');
  const uri = `/2010-04-01/Accounts/${accountSid}`;
  if (method === 'GET' && path === '.json')
    return {
      status: 200,
      body: { sid: accountSid, status: accountStatus, type: 'Full', uri: `${uri}.json` },
    };
  if (method === 'GET' && pathname === '/IncomingPhoneNumbers.json') return numbers.list(searchParams);
  const [, sid] = /^\/IncomingPhoneNumbers\/(\w+)\.json$/.exec(pathname) ?? [];
  if (sid !== undefined && method === 'GET') return numbers.fetch(sid);
  if (sid !== undefined && method === 'POST') return numbers.update(sid, fields);
  return notFound(uri + path);
}

function notFound(path: string): RestAnswer {
  return restError(404, NOT_FOUND, `The requested resource ${path} was not found`);
}

function changeCall(
  { callSid, fields }: RestRequestSeen,
  { accountSid, hangUp = () => false, redirect = () => false }: TwilioRestOptions,
): RestAnswer {
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`;
  const { Url: url, Method: method } = fields;
  if (url !== undefined && (method === undefined || method === 'POST')) {
    if (!redirect(callSid, url))
      return restError(400, NOT_IN_PROGRESS, 'Call is not in-progress. Cannot redirect.');
    return { status: 200, body: { sid: callSid, account_sid: accountSid, status: 'in-progress', uri } };
  }
  if (fields['Status'] !== 'completed')
    return restError(400, BAD_PARAMETER, 'The stand-in knows Status=completed and Url only');
  if (!hangUp(callSid)) return restError(400, NOT_IN_PROGRESS, 'Call is not in-progress. Cannot redirect.');
  return { status: 200, body: { sid: callSid, account_sid: accountSid, status: 'completed', uri } };
}
