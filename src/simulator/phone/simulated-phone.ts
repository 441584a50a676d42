import { randomBytes } from 'node:crypto';
import type { CallProgress, CallReport, EndedBy, StreamReport } from '../call-report.ts';
import type { Director } from './caller-script.ts';
import type { StreamNames, StreamSide } from './media-server.ts';
import type { PhoneStreamOptions } from './phone-stream.ts';
import { PhoneStream } from './phone-stream.ts';
import type { ApplicationAddress } from './twilio-requests.ts';
import { TwilioRequests } from './twilio-requests.ts';
import type { TwimlVerb } from './twiml.ts';
import { readTwiml } from './twiml.ts';

export interface SimulatedCallOptions
  extends ApplicationAddress, Pick<PhoneStreamOptions, 'upDelay' | 'downDelay' | 'log' | 'pingEveryMs'> {
  readonly from: string;
  readonly to: string;
  readonly director: Director;
  /** Creates Twilio's side of each stream. */
  readonly side: (names: StreamNames) => StreamSide;
  readonly callSid?: string;
  readonly accountSid?: string;
  /** Connects to the WebSocket directly, without webhook and status callback. */
  readonly direct?: boolean;
  /** Default /incoming-call, /call-status and /media-stream; `statusPath: false` disables the callback. */
  readonly webhookPath?: string;
  readonly statusPath?: string | false;
  readonly streamPath?: string;
  /** When aborted, the caller hangs up. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CallProgress) => void;
}

/** A call in progress. */
export interface SimulatedCall {
  readonly callSid: string;
  /** `rest`: by Twilio's REST interface. Returns false if the call is over. */
  hangUp(by?: EndedBy): boolean;
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
  return { callSid: phone.callSid, hangUp: (by = 'caller') => phone.hangUp(by), report };
}

/** The maximum number of TwiML documents per call: it ends the call of an application that always reconnects. */
const MOST_DOCUMENTS = 50;

class SimulatedPhone {
  readonly callSid: string;
  readonly #options: SimulatedCallOptions;
  readonly #accountSid: string;
  readonly #requests: TwilioRequests;
  readonly #startedAt = performance.now();
  readonly #streams: StreamReport[] = [];
  readonly #twiml: string[] = [];
  readonly #said: string[] = [];
  readonly #webhooks: { path: string; status: number; tookMs: number }[] = [];
  readonly #errors: string[] = [];
  #live: PhoneStream | undefined;
  #endedBy: EndedBy | undefined;

  constructor(options: SimulatedCallOptions) {
    this.#options = options;
    this.callSid = options.callSid ?? newSid('CA');
    this.#accountSid = options.accountSid ?? `AC${'0'.repeat(32)}`;
    this.#requests = new TwilioRequests(options);
  }

  hangUp(by: EndedBy): boolean {
    if (this.#endedBy) return false;
    this.#endedBy = by;
    this.#live?.hangUp(by);
    return true;
  }

  async run(): Promise<CallReport> {
    const { direct, signal, webhookPath = '/incoming-call', streamPath = '/media-stream' } = this.#options;
    const onAbort = () => this.hangUp('caller');
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (direct) await this.#stream(streamPath, {});
    else await this.#follow(webhookPath);
    signal?.removeEventListener('abort', onAbort);

    const endedBy = (this.#endedBy ??= this.#streams.at(-1)?.endedBy ?? 'application');
    const durationMs = performance.now() - this.#startedAt;
    if (!direct) await this.#tellStatus(durationMs);
    this.#tell({ kind: 'ended', by: endedBy });
    return {
      ...{ callSid: this.callSid, streams: this.#streams, twiml: this.#twiml, said: this.#said },
      ...{ endedBy, durationMs, webhooks: this.#webhooks, errors: this.#errors },
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
      const answer = await this.#post(next, { ...this.#fields(), CallStatus: 'ringing' });
      if (!answer) return;
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
      if (!this.#endedBy && attributes['action'] !== undefined) return attributes['action'];
    }
    this.#endedBy ??= 'application';
    return undefined;
  }

  async #connect({ attributes, children }: TwimlVerb): Promise<void> {
    const url = attributes['url'] ?? '';
    // Twilio's error 31920: a query string is not allowed here.
    if (!/^(wss?:\/)?\//.test(url) || url.includes('?')) {
      this.#errors.push(`31920: invalid stream url: ${url}`);
      return;
    }
    const named = children.filter((child) => child.name === 'Parameter');
    const parameters = named.map(({ attributes: a }) => [a['name'] ?? '', a['value'] ?? ''] as const);
    await this.#stream(url, Object.fromEntries(parameters), attributes['statusCallback']);
  }

  async #stream(url: string, customParameters: Record<string, string>, callback?: string): Promise<void> {
    if (this.#endedBy) return;
    const { director, side, ...options } = this.#options;
    const streamSid = newSid('MZ');
    const names = { streamSid, callSid: this.callSid, accountSid: this.#accountSid, customParameters };
    const live = new PhoneStream({
      ...options,
      ...this.#requests.upgrade(url),
      ...{ streamSid, director, side: side(names) },
      onAct: (act) => {
        const what =
          act.do === 'speak'
            ? `says: ${act.text ?? ''}`
            : act.do === 'press'
              ? `presses ${act.digit}`
              : act.do;
        this.#tell({ kind: 'caller', what });
      },
      onPlaying: (playing) => {
        this.#tell({ kind: 'assistant', playing });
      },
    });
    this.#live = live;
    this.#tell({ kind: 'stream', streamSid });
    if (callback !== undefined) void this.#tellStream(callback, streamSid, 'stream-started');
    const report = await live.run(performance.now() - this.#startedAt);
    this.#live = undefined;
    this.#streams.push(report);
    const { endedBy, closeCode } = report;
    if (endedBy === 'refused')
      this.#errors.push(`31920: the handshake was answered with ${String(closeCode)}`);
    if (endedBy === 'caller' || endedBy === 'rest') this.#endedBy ??= endedBy;
    const event = endedBy === 'refused' ? 'stream-error' : 'stream-stopped';
    if (callback !== undefined) await this.#tellStream(callback, streamSid, event);
  }

  async #tellStream(callback: string, streamSid: string, event: string): Promise<void> {
    const about = { StreamSid: streamSid, StreamName: streamSid, StreamEvent: event };
    const { AccountSid, CallSid } = this.#fields();
    await this.#post(callback, { AccountSid, CallSid, ...about, Timestamp: new Date().toISOString() }, true);
  }

  async #tellStatus(durationMs: number): Promise<void> {
    const { statusPath = '/call-status' } = this.#options;
    if (statusPath === false) return;
    const fields = {
      ...this.#fields(),
      ...{ CallStatus: 'completed', CallDuration: String(Math.round(durationMs / 1000)) },
      ...{ Timestamp: new Date().toUTCString(), CallbackSource: 'call-progress-events', SequenceNumber: '0' },
    };
    await this.#post(statusPath, fields, true);
  }

  #fields(): { AccountSid: string; CallSid: string } & Record<string, string> {
    const { from, to } = this.#options;
    return {
      ...{
        AccountSid: this.#accountSid,
        CallSid: this.callSid,
        From: from,
        To: to,
        Caller: from,
        Called: to,
      },
      ...{ Direction: 'inbound', ApiVersion: '2010-04-01' },
    };
  }

  /** Returns undefined if the request failed; a failure ends the call unless `only` a notice was sent. */
  async #post(
    path: string,
    fields: Record<string, string>,
    only = false,
  ): Promise<{ body: string } | undefined> {
    const askedAt = performance.now();
    const answer = await this.#requests.post(path, fields).catch((error: unknown) => {
      return { status: 0, body: error instanceof Error ? error.message : String(error) };
    });
    const { status } = answer;
    this.#webhooks.push({ path, status, tookMs: performance.now() - askedAt });
    this.#tell({ kind: 'webhook', path, status });
    if (status >= 200 && status < 300) return answer;
    const error = `${path} was answered with ${String(status)}${status === 0 ? `: ${answer.body}` : ''}`;
    if (only) this.#errors.push(error);
    else this.#fail(error);
    return undefined;
  }

  #fail(error: string): void {
    this.#errors.push(error);
    this.#endedBy ??= 'failed';
  }

  #tell(progress: DistributiveOmit<CallProgress, 'atMs'>): void {
    this.#options.onProgress?.({ atMs: performance.now() - this.#startedAt, ...progress });
  }
}

type DistributiveOmit<Union, Key extends keyof never> = Union extends unknown ? Omit<Union, Key> : never;
