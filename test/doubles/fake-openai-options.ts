import type { Fault, ServiceName } from './fake-openai-faults.ts';
import type { AnswerOptions } from './fake-openai-responses.ts';

/** How fast the services are: milliseconds, but for the last. */
export interface FakeOpenAiTiming {
  readonly transcriptionMs: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  readonly speechFirstMs: number;
  /** Speech is made this many times faster than it is spoken. */
  readonly speechTimesRealTime: number;
}

export interface FakeOpenAiOptions extends AnswerOptions {
  readonly timing?: Partial<FakeOpenAiTiming>;
  /** Every sentence is a tone of its own, also where a recording exists: `toneOf` says which. */
  readonly tonesOnly?: boolean;
  /** Requests with another key are refused with 401 (default: any key will do). */
  readonly apiKey?: string;
  /** Model name → date of its end (YYYY-MM-DD), or null. */
  readonly models?: Readonly<Record<string, string | null>>;
  readonly port?: number;
  /** Faults by what is asked; they go before those that were set. `heard`: what was recognised in the audio of a transcription. */
  readonly faultFor?: (service: ServiceName, body: RequestSeen['body'], heard: string) => Fault | undefined;
}

export interface RequestSeen {
  readonly service: ServiceName;
  /** Milliseconds since the stand-in was started. */
  readonly atMs: number;
  /** The JSON body, or the fields of the form without its file. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The uploaded file of a transcription. */
  readonly audio?: Uint8Array;
  /** What was answered; undefined while, and if, it was not. */
  answer?: string;
  /** The other side was gone before the answer was complete. */
  aborted: boolean;
}
