import type { CallReport } from '../call-report.ts';
import type { TwilioRequests } from './twilio-requests.ts';

export interface WebhookIdentity {
  readonly accountSid: string;
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
}

/** The answer of a webhook, or why there is none. */
export type WebhookOutcome =
  { readonly ok: true; readonly body: string } | { readonly ok: false; readonly reason: string };

/** The requests of one call to the webhooks of the application. */
export class CallWebhooks {
  /** The answers so far. */
  readonly answered: CallReport['webhooks'][number][] = [];
  readonly #requests: TwilioRequests;
  readonly #identity: WebhookIdentity;
  readonly #onAnswer: (path: string, status: number) => void;

  constructor(
    requests: TwilioRequests,
    identity: WebhookIdentity,
    onAnswer: (path: string, status: number) => void,
  ) {
    this.#requests = requests;
    this.#identity = identity;
    this.#onAnswer = onAnswer;
  }

  ringing(path: string): Promise<WebhookOutcome> {
    return this.#post(path, { ...this.#callFields(), CallStatus: 'ringing' });
  }

  completed(path: string, durationMs: number): Promise<WebhookOutcome> {
    return this.#post(path, {
      ...this.#callFields(),
      CallStatus: 'completed',
      CallDuration: String(Math.round(durationMs / 1000)),
      Timestamp: new Date().toUTCString(),
      CallbackSource: 'call-progress-events',
      SequenceNumber: '0',
    });
  }

  stream(path: string, streamSid: string, event: string): Promise<WebhookOutcome> {
    const { accountSid, callSid } = this.#identity;
    return this.#post(path, {
      AccountSid: accountSid,
      CallSid: callSid,
      StreamSid: streamSid,
      StreamName: streamSid,
      StreamEvent: event,
      Timestamp: new Date().toISOString(),
    });
  }

  #callFields(): Record<string, string> {
    const { accountSid, callSid, from, to } = this.#identity;
    return {
      AccountSid: accountSid,
      CallSid: callSid,
      From: from,
      To: to,
      Caller: from,
      Called: to,
      Direction: 'inbound',
      ApiVersion: '2010-04-01',
    };
  }

  async #post(path: string, fields: Record<string, string>): Promise<WebhookOutcome> {
    const askedAt = performance.now();
    const { status, body } = await this.#requests.post(path, fields).catch((error: unknown) => {
      return { status: 0, body: error instanceof Error ? error.message : String(error) };
    });
    this.answered.push({ path, status, tookMs: performance.now() - askedAt });
    this.#onAnswer(path, status);
    if (status >= 200 && status < 300) return { ok: true, body };
    const cause = status === 0 ? `: ${body}` : '';
    return { ok: false, reason: `${path} was answered with ${String(status)}${cause}` };
  }
}
