import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { CallIdentity } from '../../call/call-options.ts';
import type { FormatOutcome, RingResult } from '../../call/call-registry-options.ts';
import type { ListedCall } from '../../desk/desk-ports.ts';
import type { Speaker } from '../../events/speaker.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import type { ExpectedStream } from '../../telephony/telephone-calls.ts';
import type { MetricValues } from '../metrics/process-metrics.ts';
import type { ProcessHealth } from '../process-health.ts';

/** The request of a WebSocket whose handshake another process makes. */
export interface HandedRequest {
  /** Names it until it is accepted. */
  readonly number: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What the client has sent after the request. */
  readonly head: Uint8Array;
}

/** What operators want to know of calls. */
export interface DeskInterest {
  readonly isWatched: boolean;
  readonly hasAvailableOperator: boolean;
  /** Calls whose sound is wanted. */
  readonly listened: readonly string[];
}

/** What a process with calls answers. Times are those of its own clock. */
export type ToHost = {
  /** Answered at once by a process that does not hang. */
  check(): void;
  /** Refused after `byMs` on the clock of `machineMs`: the main process has the call by then. */
  ring(identity: CallIdentity, byMs: number): Promise<RingResult>;
  continues(identity: CallIdentity): Promise<boolean>;
  completed(callSid: string): Promise<void>;
  expectStream(identity: CallIdentity): Promise<ExpectedStream>;
  /** A media stream has been admitted; with its socket. */
  stream(request: HandedRequest): void;
  /** The main process has closed the socket. */
  drop(number: number): void;
  /** The main process does not read from the socket any more: the handshake may be made. */
  accept(number: number): void;
  takeOver(callSid: string): Promise<boolean>;
  handBack(callSid: string): Promise<boolean>;
  decline(callSid: string): Promise<boolean>;
  guide(callSid: string, text: string): Promise<boolean>;
  hangUp(callSid: string): Promise<boolean>;
  setFormat(callSid: string, format: AudioFormat): Promise<FormatOutcome>;
  say(callSid: string, mulaw: Uint8Array): void;
  desk(interest: DeskInterest): void;
  metrics(): Promise<MetricValues>;
  /** No new calls; live ones have this time to finish, then the process exits. */
  stop(drainSeconds: number): void;
  /** Live calls end now. */
  hurry(): void;
};

/** The calls of a process, as it reports them. */
export interface HostState {
  readonly calls: readonly ListedCall[];
  readonly connected: number;
  readonly health: ProcessHealth;
}

/** What a process with calls tells the main process. */
export type FromHost = {
  /** It can take calls. */
  ready(): void;
  state(state: HostState): void;
  turns(callSid: string, turns: readonly TranscriptTurn[]): void;
  sound(callSid: string, speaker: Speaker, mulaw: Uint8Array, callMs: number): void;
  cut(callSid: string): void;
};
