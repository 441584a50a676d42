import { randomBytes } from 'node:crypto';
import type { CallProgress, CallReport, EndedBy, StreamReport } from '../call-report.ts';
import { CallWebhooks, type WebhookOutcome } from './call-webhooks.ts';
import type { CallerAct } from './caller-script.ts';
import type { PhoneStreamOptions } from './phone-stream.ts';
import { PhoneStream } from './phone-stream.ts';
import type { SimulatedCaller } from './simulated-caller.ts';
import type { ApplicationAddress } from './twilio-requests.ts';
import { TwilioRequests } from './twilio-requests.ts';
import type { TwimlVerb } from './twiml.ts';
import { readTwiml } from './twiml.ts';

export interface SimulatedCallOptions
  extends ApplicationAddress, Pick<PhoneStreamOptions, 'network' | 'log' | 'pingEveryMs'> {
  readonly caller: SimulatedCaller;
  readonly callSid?: string | undefined;
  /** Opens the stream without webhook and status callback. */
  readonly direct?: boolean | undefined;
  /** Whether the status callback reports the end (default: true). */
  readonly reportsEnd?: boolean | undefined;
  /** The account that the webhooks name. Default: one of zeros. */
  readonly accountSid?: string | undefined;
  readonly onProgress?: ((progress: CallProgress) => void) | undefined;
}

/** A call in progress. */
export interface SimulatedCall {
  readonly callSid: string;
  /** `rest`: by Twilio's REST interface. Returns false if the call is over. */
  hangUp(by?: EndedBy): boolean;
  /** As Twilio's REST interface: ends the stream and requests the next document there. Returns false if the call is over. */
  redirect(url: string): boolean;
  /** Never rejects: errors are listed in `errors`. */
  readonly report: Promise<CallReport>;
}

/** A Twilio SID of that kind: two letters and 32 hexadecimal digits. */
export function newSid(kind: 'CA' | 'MZ' | 'AC'): string {
  return kind + randomBytes(16).toString('hex');
}

/** Places a call and waits for its end. */
export function placeCall(options: SimulatedCallOptions): Promise<CallReport> {
  return startCall(options).report;
}

export function startCall(options: SimulatedCallOptions): SimulatedCall {
  const phone = new SimulatedPhone(options);
  const report = phone.run();
  return {
    callSid: phone.callSid,
    hangUp: (by = 'caller') => phone.hangUp(by),
    redirect: (url) => phone.redirect(url),
    report,
  };
}

const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
const PATHS = { incoming: '/incoming-call', status: '/call-status', stream: '/media-stream' } as const;
/** How many TwiML documents one call may bring: an application that always connects again must come to an end. */
const MOST_DOCUMENTS = 50;

class SimulatedPhone {
  readonly callSid: string;
  readonly #options: SimulatedCallOptions;
  readonly #accountSid: string;
  readonly #requests: TwilioRequests;
  readonly #webhooks: CallWebhooks;
  readonly #startedAt = performance.now();
  readonly #streams: StreamReport[] = [];
  readonly #twiml: string[] = [];
  readonly #said: string[] = [];
  readonly #problems: string[] = [];
  #live: PhoneStream | undefined;
  #endedBy: EndedBy | undefined;
  /** The path of the next document, instead of the verb's action. */
  #redirectedTo: string | undefined;

  constructor(options: SimulatedCallOptions) {
    this.#options = options;
    this.callSid = options.callSid ?? newSid('CA');
    this.#accountSid = options.accountSid ?? ACCOUNT_SID;
    this.#requests = new TwilioRequests(options);
    const { from, to } = options.caller;
    const identity = { accountSid: this.#accountSid, callSid: this.callSid, from, to };
    this.#webhooks = new CallWebhooks(this.#requests, identity, (path, status) =>
      this.#progress({ kind: 'webhook', path, status }),
    );
  }

  hangUp(by: EndedBy): boolean {
    if (this.#endedBy) return false;
    this.#endedBy = by;
    this.#live?.hangUp(by);
    return true;
  }

  redirect(url: string): boolean {
    if (this.#endedBy) return false;
    this.#redirectedTo = new URL(url).pathname;
    this.#live?.hangUp('rest');
    return true;
  }

  async run(): Promise<CallReport> {
    const { direct, reportsEnd = true } = this.#options;
    if (direct) await this.#stream(PATHS.stream, {});
    else await this.#follow(this.#requests.webhook(PATHS.incoming));
    const endedBy = (this.#endedBy ??= this.#streams.at(-1)?.endedBy ?? 'application');
    const durationMs = performance.now() - this.#startedAt;
    if (!direct && reportsEnd)
      this.#noteFailure(await this.#webhooks.completed(this.#requests.webhook(PATHS.status), durationMs));
    this.#progress({ kind: 'ended', by: endedBy });
    return {
      callSid: this.callSid,
      streams: this.#streams,
      twiml: this.#twiml,
      said: this.#said,
      endedBy,
      durationMs,
      webhooks: this.#webhooks.answered,
      errors: this.#problems,
    };
  }

  /** Fetches and executes TwiML documents until the call is over. */
  async #follow(path: string): Promise<void> {
    let next: string | undefined = path;
    while (next !== undefined && !this.#endedBy) {
      if (this.#twiml.length >= MOST_DOCUMENTS) {
        this.#fail(`more than ${String(MOST_DOCUMENTS)} TwiML documents`);
        return;
      }
      const answer = await this.#webhooks.ringing(next);
      if (!answer.ok) {
        this.#fail(answer.reason);
        return;
      }
      this.#twiml.push(answer.body);
      try {
        next = await this.#perform(readTwiml(answer.body));
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** Executes the verbs; returns the address of the next document. */
  async #perform(verbs: readonly TwimlVerb[]): Promise<string | undefined> {
    for (const { name, attributes, children, text } of verbs) {
      if (this.#endedBy) return undefined;
      if (name === 'Say' || name === 'Play') this.#said.push(text.trim());
      if (name === 'Redirect') return text.trim();
      if (name === 'Hangup' || name === 'Reject') break;
      if (name !== 'Connect') continue;
      const stream = children.find((child) => child.name === 'Stream');
      if (!stream) continue;
      await this.#connect(stream);
      const redirectedTo = this.#redirectedTo;
      this.#redirectedTo = undefined;
      if (!this.#endedBy && redirectedTo !== undefined) return redirectedTo;
      if (!this.#endedBy && attributes['action'] !== undefined) return attributes['action'];
    }
    this.#endedBy ??= 'application';
    return undefined;
  }

  async #connect({ attributes, children }: TwimlVerb): Promise<void> {
    const url = attributes['url'] ?? '';
    // Twilio's error 31920: a query string is not allowed here.
    if (!/^(wss?:\/)?\//.test(url) || url.includes('?')) {
      this.#problems.push(`31920: the stream's url is not usable: ${url}`);
      return;
    }
    const named = children.filter((child) => child.name === 'Parameter');
    const parameters = named.map(({ attributes: a }) => [a['name'] ?? '', a['value'] ?? ''] as const);
    await this.#stream(url, Object.fromEntries(parameters), attributes['statusCallback']);
  }

  async #stream(url: string, customParameters: Record<string, string>, callback?: string): Promise<void> {
    if (this.#endedBy) return;
    const { caller, network, log, pingEveryMs } = this.#options;
    const streamSid = newSid('MZ');
    const live = new PhoneStream({
      upgrade: this.#requests.upgrade(url),
      streamSid,
      side: caller.side({ streamSid, callSid: this.callSid, accountSid: this.#accountSid, customParameters }),
      director: caller.director,
      network,
      log,
      pingEveryMs,
      observer: {
        acts: (act) => this.#progress({ kind: 'caller', what: describeAct(act) }),
        playing: (playing) => this.#progress({ kind: 'assistant', playing }),
      },
    });
    this.#live = live;
    this.#progress({ kind: 'stream', streamSid });
    void this.#streamEvent(callback, streamSid, 'stream-started');
    const report = await live.run(performance.now() - this.#startedAt);
    this.#live = undefined;
    this.#streams.push(report);
    const { endedBy, closeCode } = report;
    if (endedBy === 'refused')
      this.#problems.push(`31920: the handshake was answered with ${String(closeCode)}`);
    if (endedBy === 'caller' || (endedBy === 'rest' && this.#redirectedTo === undefined))
      this.#endedBy ??= endedBy;
    const event = endedBy === 'refused' ? 'stream-error' : 'stream-stopped';
    await this.#streamEvent(callback, streamSid, event);
  }

  async #streamEvent(callback: string | undefined, streamSid: string, event: string): Promise<void> {
    if (callback !== undefined) this.#noteFailure(await this.#webhooks.stream(callback, streamSid, event));
  }

  /** A failed callback does not end the call. */
  #noteFailure(outcome: WebhookOutcome): void {
    if (!outcome.ok) this.#problems.push(outcome.reason);
  }

  #fail(reason: string): void {
    this.#problems.push(reason);
    this.#endedBy ??= 'failed';
  }

  #progress(progress: DistributiveOmit<CallProgress, 'atMs'>): void {
    this.#options.onProgress?.({ atMs: performance.now() - this.#startedAt, ...progress });
  }
}

function describeAct(act: CallerAct): string {
  if (act.do === 'speak') return `says: ${act.text ?? ''}`;
  return act.do === 'press' ? `presses ${act.digit}` : act.do;
}

type DistributiveOmit<Union, Key extends keyof never> = Union extends unknown ? Omit<Union, Key> : never;
