import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { CallIdentity } from '../../call/call-options.ts';
import type { FormatOutcome, RingResult } from '../../call/call-registry-options.ts';
import type { ListedCall } from '../../desk/desk-ports.ts';
import type { ExpectedStream } from '../../telephony/telephone-calls.ts';
import type { MetricValues } from '../metrics/process-metrics.ts';
import type { ProcessHealth } from '../process-health.ts';
import type { CallHost } from './call-host.ts';
import type { DeskInterest, HostState, ToHost } from './host-messages.ts';
import { machineMs } from './machine-clock.ts';
import type { ProcessChannel } from './process-channel.ts';

/** A call that was announced is in the reported list at the latest after this time. */
const REPORTED_WITHIN_MS = 2_000;

/** A process that begins later with a call may answer after the main process has taken it. */
const RING_WITHIN_MS = 1_000;

interface AnnouncedCall {
  readonly atMs: number;
  readonly call: ListedCall;
}

/** The calls of another process, over the channel to it. Its state is the one it reported last. */
export class RemoteCallHost implements CallHost {
  readonly #channel: ProcessChannel<ToHost>;
  readonly #now: () => number;
  readonly #format: AudioFormat;
  /** Announced calls that are not in the reported list yet. */
  readonly #announced = new Map<string, AnnouncedCall>();
  #listed: ReadonlyMap<string, ListedCall> = new Map();
  #state: HostState | undefined;
  #interest = '';
  #handedOver = 0;

  /** `format`: of recordings, unless it is changed. */
  constructor(channel: ProcessChannel<ToHost>, now: () => number, format: AudioFormat) {
    this.#channel = channel;
    this.#now = now;
    this.#format = format;
  }

  get active(): number {
    return this.#listed.size + this.#announced.size;
  }

  get connected(): number {
    return this.#state?.connected ?? 0;
  }

  get health(): ProcessHealth {
    if (!this.#state) throw new Error('the process has reported nothing');
    return this.#state.health;
  }

  /** The process reports its calls. */
  report(state: HostState): void {
    this.#state = state;
    this.#listed = new Map(state.calls.map((call) => [call.callSid, call]));
    for (const [callSid, { atMs }] of this.#announced)
      if (this.#listed.has(callSid) || this.#now() - atMs > REPORTED_WITHIN_MS)
        this.#announced.delete(callSid);
  }

  has(callSid: string): boolean {
    return this.#listed.has(callSid) || this.#announced.has(callSid);
  }

  list(): readonly ListedCall[] {
    return [...this.#listed.values(), ...[...this.#announced.values()].map(({ call }) => call)];
  }

  async ring(identity: CallIdentity): Promise<RingResult> {
    const { callSid } = identity;
    if (!this.#listed.has(callSid)) this.#announced.set(callSid, this.#asAnnounced(identity));
    let result: RingResult | undefined;
    try {
      return (result = await this.#channel.ask('ring', identity, machineMs() + RING_WITHIN_MS));
    } finally {
      if (result !== 'accepted') this.#announced.delete(callSid);
    }
  }

  continues(identity: CallIdentity): Promise<boolean> {
    return this.#channel.ask('continues', identity);
  }

  completed(callSid: string): Promise<void> {
    return this.#channel.ask('completed', callSid);
  }

  expectStream(identity: CallIdentity): Promise<ExpectedStream> {
    return this.#channel.ask('expectStream', identity);
  }

  /**
   * Hands over the socket of an admitted media stream, before its handshake. Node reads from a socket until the other process has it, and
   * drops what it reads; a client sends nothing before the handshake.
   */
  handOver({ url = '', headers }: IncomingMessage, socket: Socket, head: Uint8Array): void {
    const number = (this.#handedOver += 1);
    this.#channel.handOver(socket, 'stream', { number, url, headers, head }).then(
      () => this.#channel.tell('accept', number),
      () => {
        socket.destroy();
        this.#channel.tell('drop', number);
      },
    );
  }

  /** If the process answers too late, the call goes back to the assistant: no operator has it. */
  async takeOver(callSid: string): Promise<boolean> {
    try {
      return await this.#channel.ask('takeOver', callSid);
    } catch (error) {
      this.#channel.tell('handBack', callSid);
      throw error;
    }
  }

  handBack(callSid: string): Promise<boolean> {
    return this.#channel.ask('handBack', callSid);
  }

  decline(callSid: string): Promise<boolean> {
    return this.#channel.ask('decline', callSid);
  }

  guide(callSid: string, text: string): Promise<boolean> {
    return this.#channel.ask('guide', callSid, text);
  }

  hangUp(callSid: string): Promise<boolean> {
    return this.#channel.ask('hangUp', callSid);
  }

  setFormat(callSid: string, format: AudioFormat): Promise<FormatOutcome> {
    return this.#channel.ask('setFormat', callSid, format);
  }

  say(callSid: string, mulaw: Uint8Array): void {
    this.#channel.tellUnlessSlow('say', callSid, mulaw);
  }

  metrics(): Promise<MetricValues> {
    return this.#channel.ask('metrics');
  }

  #asAnnounced(identity: CallIdentity): AnnouncedCall {
    const atMs = this.#now();
    const startedAt = new Date(atMs).toISOString();
    return { atMs, call: { ...identity, startedAt, state: 'ringing', format: this.#format } };
  }

  /** Sent if it has changed. */
  /** What the process was told of the desk is told again. */
  forgetInterest(): void {
    this.#interest = '';
  }

  setInterest(interest: DeskInterest): void {
    const { isWatched, hasAvailableOperator } = interest;
    const listened = interest.listened.filter((callSid) => this.has(callSid));
    const own: DeskInterest = { isWatched, hasAvailableOperator, listened };
    const text = JSON.stringify(own);
    if (text === this.#interest) return;
    this.#interest = text;
    this.#channel.tell('desk', own);
  }
}
