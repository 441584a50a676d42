import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { CallIdentity } from '../../call/call-options.ts';
import type { FormatOutcome, RingResult } from '../../call/call-registry-options.ts';
import type { DeskCalls, ListedCall } from '../../desk/desk-ports.ts';
import { componentLog, type Log } from '../../log.ts';
import type { ExpectedStream, TelephoneCalls } from '../../telephony/telephone-calls.ts';
import type { NewCalls } from '../admission/new-calls.ts';
import { JoinedMetrics } from '../metrics/joined-metrics.ts';
import type { ProcessHealth } from '../process-health.ts';
import type { CallHost } from './call-host.ts';

/** More calls than a process has. */
const MAX_LOST = 2_000;

export interface AllCallsOptions {
  /** The calls of this process. */
  readonly own: CallHost;
  /** Those of the other processes that run. */
  readonly others: { readonly hosts: readonly CallHost[] };
  readonly newCalls: Pick<NewCalls, 'refusal' | 'metrics'>;
  /** Those of other machines, which get no calls from this one. */
  readonly machines?: { readonly hosts: readonly CallHost[] } | undefined;
  readonly log: Log;
}

/**
 * The calls of all processes of this server, and those of other machines. A new call goes to the process with the fewest calls; what
 * concerns a call goes to its process or machine. What Twilio asks is answered here: a call follows the machine that Twilio asks.
 */
export class AllCalls implements TelephoneCalls, DeskCalls {
  readonly #options: AllCallsOptions;
  readonly #log: Log;
  readonly #metrics = new JoinedMetrics();
  /** Calls of processes that have ended. The first 100 ms of a call are in no journal. */
  readonly #lost = new Map<string, CallIdentity>();

  constructor(options: AllCallsOptions) {
    this.#options = options;
    this.#log = componentLog(options.log, 'processes');
  }

  /** Calls, from ringing to the end. */
  get active(): number {
    return this.#running.reduce((sum, { active }) => sum + active, 0);
  }

  /** Calls with an open stream. */
  get connected(): number {
    return this.#running.reduce((sum, { connected }) => sum + connected, 0);
  }

  get health(): readonly ProcessHealth[] {
    return this.#running.map(({ health }) => health);
  }

  /** See `JoinedMetrics`. */
  metrics(): Promise<string> {
    return this.#metrics.read([...this.#running, this.#options.newCalls]);
  }

  list(): readonly ListedCall[] {
    return [...this.#running, ...this.#machines].flatMap((host) => host.list());
  }

  /** If the chosen process does not answer, this one takes the call. */
  async ring(identity: CallIdentity): Promise<RingResult> {
    const known = this.#running.find((host) => host.has(identity.callSid));
    const refused = known ? undefined : this.#options.newCalls.refusal();
    if (refused) return refused;
    return this.#answered(identity.callSid, known ?? this.#leastBusy, (host) => host.ring(identity));
  }

  async continues(identity: CallIdentity): Promise<boolean> {
    const { callSid } = identity;
    const continues = await this.#answered(callSid, this.#processOf(callSid), (host) =>
      host.continues(identity),
    );
    const lost = this.#lost.get(callSid);
    this.#lost.delete(callSid);
    if (continues || !lost) return continues;
    return (await this.#options.own.ring(lost)) === 'accepted';
  }

  /** Another process has ended with these calls. Those with a journal are recovered; the others begin anew when Twilio asks. */
  processEnded(calls: readonly ListedCall[]): void {
    for (const { callSid, from, to } of calls) this.#lost.set(callSid, { callSid, from, to });
    for (const oldest of this.#lost.keys()) {
      if (this.#lost.size <= MAX_LOST) break;
      this.#lost.delete(oldest);
    }
  }

  completed(callSid: string): Promise<void> {
    this.#lost.delete(callSid);
    return this.#answered(callSid, this.#processOf(callSid), (host) => host.completed(callSid));
  }

  expectStream(identity: CallIdentity): Promise<ExpectedStream> {
    const { callSid } = identity;
    return this.#answered(callSid, this.#processOf(callSid), (host) => host.expectStream(identity));
  }

  takeOver(callSid: string): Promise<boolean> {
    return this.#hostOf(callSid).takeOver(callSid);
  }

  handBack(callSid: string): Promise<boolean> {
    return this.#hostOf(callSid).handBack(callSid);
  }

  decline(callSid: string): Promise<boolean> {
    return this.#hostOf(callSid).decline(callSid);
  }

  say(callSid: string, mulaw: Uint8Array): void {
    this.#hostOf(callSid).say(callSid, mulaw);
  }

  guide(callSid: string, text: string): Promise<boolean> {
    return this.#hostOf(callSid).guide(callSid, text);
  }

  hangUp(callSid: string): Promise<boolean> {
    return this.#hostOf(callSid).hangUp(callSid);
  }

  setFormat(callSid: string, format: AudioFormat): Promise<FormatOutcome> {
    return this.#hostOf(callSid).setFormat(callSid, format);
  }

  /** Twilio's request is answered in any case. */
  async #answered<Answer>(
    callSid: string,
    host: CallHost,
    request: (host: CallHost) => Promise<Answer>,
  ): Promise<Answer> {
    const { own } = this.#options;
    try {
      return await request(host);
    } catch (error) {
      if (host === own) throw error;
      this.#log.error({ callSid, err: error }, 'a process with calls does not answer; the main process does');
      return request(own);
    }
  }

  get #running(): CallHost[] {
    const { own, others } = this.#options;
    return [own, ...others.hosts];
  }

  get #leastBusy(): CallHost {
    return this.#running.reduce((least, host) => (host.active < least.active ? host : least));
  }

  get #machines(): readonly CallHost[] {
    return this.#options.machines?.hosts ?? [];
  }

  /** The process or the machine that has the call. */
  #hostOf(callSid: string): CallHost {
    const hosts = [...this.#running, ...this.#machines];
    return hosts.find((host) => host.has(callSid)) ?? this.#options.own;
  }

  /** The process that has the call. A call of a process that has ended is recovered by this one. */
  #processOf(callSid: string): CallHost {
    return this.#running.find((host) => host.has(callSid)) ?? this.#options.own;
  }
}
