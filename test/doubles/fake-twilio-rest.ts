import type { FakeOpenAiExchange } from './fake-openai-exchange.ts';
import type { Fault } from './fake-openai-faults.ts';
import { startLocalServer } from './http-server.ts';

export interface TwilioRestOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Ends the simulated call, as `SimulatedCall.hangUp('rest')`; false when no such call is in progress. */
  readonly hangUp: (callSid: string) => boolean;
  readonly port?: number;
}

interface RestRequestSeen {
  readonly callSid: string;
  readonly fields: Readonly<Record<string, string>>;
  status?: number;
}

export interface FakeTwilioRest {
  /** For TWILIO_API_BASE_URL. */
  readonly url: string;
  readonly requests: readonly RestRequestSeen[];
  /** From now on every request fails so, for `times` requests; undefined heals it. */
  setFault(fault: Fault | undefined, times?: number): void;
  close(): Promise<void>;
}

/** Twilio's error codes: twilio.com/docs/api/errors. */
const NOT_AUTHENTICATED = 20003;
const NOT_FOUND = 20404;
const BAD_PARAMETER = 20001;
const NOT_IN_PROGRESS = 21220;

/** Starts the one part of Twilio's REST interface that offhook uses: ending a call that is in progress. */
export async function startFakeTwilioRest(options: TwilioRestOptions): Promise<FakeTwilioRest> {
  const requests: RestRequestSeen[] = [];
  let fault: Fault | undefined;
  let times = 0;
  const takeFault = () => (fault !== undefined && times-- > 0 ? fault : undefined);

  const { url, close } = await startLocalServer(async (exchange) => {
    const { method, url: path = '', headers } = exchange.request;
    const login = Buffer.from(`${options.accountSid}:${options.authToken}`).toString('base64');
    if (headers.authorization !== `Basic ${login}`) {
      refuse(exchange, 401, NOT_AUTHENTICATED, 'Authenticate');
      return;
    }
    const [, account, callSid] = /^\/2010-04-01\/Accounts\/(\w+)\/Calls\/(\w+)\.json$/.exec(path) ?? [];
    if (method !== 'POST' || account !== options.accountSid || callSid === undefined) {
      refuse(exchange, 404, NOT_FOUND, `The requested resource ${path} was not found`);
      return;
    }
    const body = Buffer.from(await exchange.body()).toString();
    const fields = Object.fromEntries(new URLSearchParams(body));
    const seen: RestRequestSeen = { callSid, fields };
    requests.push(seen);
    if (!(await exchange.begin(takeFault()))) return;
    seen.status = endCall(exchange, callSid, fields, options);
  }, options.port);

  return {
    ...{ url, requests, close },
    setFault: (next, count = Infinity) => {
      fault = next;
      times = count;
    },
  };
}

function endCall(
  exchange: FakeOpenAiExchange,
  callSid: string,
  fields: Readonly<Record<string, string>>,
  { accountSid, hangUp }: TwilioRestOptions,
): number {
  if (fields['Status'] !== 'completed') {
    return refuse(exchange, 400, BAD_PARAMETER, 'The stand-in knows Status=completed only');
  }
  if (!hangUp(callSid)) {
    return refuse(exchange, 400, NOT_IN_PROGRESS, 'Call is not in-progress. Cannot redirect.');
  }
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`;
  exchange.answer(200, { sid: callSid, account_sid: accountSid, status: 'completed', uri });
  return 200;
}

function refuse(exchange: FakeOpenAiExchange, status: number, code: number, message: string): number {
  const more_info = `https://www.twilio.com/docs/errors/${String(code)}`;
  exchange.answer(status, { code, message, more_info, status });
  return status;
}
