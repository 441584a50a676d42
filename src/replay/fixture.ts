import { isRecord, jsonObject } from './json-object.ts';

/** A recorded call as a text file, one JSON object a line: `fixtures/calls/*.jsonl`. */
export interface Fixture {
  readonly header: FixtureHeader;
  /** In the order of time. */
  readonly entries: readonly FixtureEntry[];
}

interface FixtureHeader {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The settings that shaped the call; no secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** `atMs` is since the call was answered, where offhook ran. */
export type FixtureEntry = WireEntry | ServiceEntry;

export type WireEntry = { readonly atMs: number; readonly message: Readonly<Record<string, unknown>> } & (
  { readonly from: 'twilio'; readonly to?: never } | { readonly to: 'twilio'; readonly from?: never }
);

interface ServiceAnswer<Service, Request, Answer> {
  /** When it was asked. */
  readonly atMs: number;
  readonly service: Service;
  readonly id: string;
  readonly request: Request;
  readonly answer: Answer | FailedAnswer;
  /** From asking to the first piece of the answer, and to its end. */
  readonly firstAfterMs: number;
  readonly tookMs: number;
}

export interface FailedAnswer {
  readonly failed: string;
  readonly passing: boolean;
}

export type ServiceEntry =
  | ServiceAnswer<'transcription', { readonly durationMs: number }, { readonly text: string }>
  /** The pieces as they came, each so long after the asking. */
  | ServiceAnswer<
      'chat',
      { readonly conversation: readonly Readonly<Record<string, unknown>>[] },
      { readonly pieces: readonly { readonly afterMs: number; readonly text: string }[] }
    >
  /** Base64 of all μ-law bytes, and how many of them came when; without that they come evenly. */
  | ServiceAnswer<
      'speech',
      { readonly text: string },
      {
        readonly mulaw: string;
        readonly pieces?: readonly { readonly afterMs: number; readonly bytes: number }[];
      }
    >
  | ServiceAnswer<'summary', { readonly lines: readonly string[] }, { readonly text: string }>;

/** The file is not a fixture; the message names the line. */
export class FixtureError extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${String(line)}: ${reason}`);
    this.name = 'FixtureError';
    this.line = line;
  }
}

/** The file's text. Entries are put in the order of time; those of the same time keep theirs. */
export function writeFixture({ header, entries }: Fixture): string {
  const ordered = [...entries].sort((a, b) => a.atMs - b.atMs);
  const first = { fixture: 'offhook-call', version: 1, ...header };
  return [first, ...ordered].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Reads and checks the whole file; throws `FixtureError`. */
export function readFixture(text: string): Fixture {
  const lines = text.replace(/\n$/, '').split('\n');
  const header = readHeader(lines[0] ?? '');
  let beforeMs = -Infinity;
  const entries = lines.slice(1).map((line, i) => {
    const entry = jsonObject(line);
    const trouble = entry ? entryTrouble(entry) : 'not a JSON object';
    if (trouble !== undefined) throw new FixtureError(i + 2, trouble);
    const checked = entry as unknown as FixtureEntry;
    if (checked.atMs < beforeMs) throw new FixtureError(i + 2, 'atMs is before that of the line above');
    beforeMs = checked.atMs;
    return checked;
  });
  return { header, entries };
}

function readHeader(line: string): FixtureHeader {
  const { fixture, version, ...header } = jsonObject(line) ?? {};
  if (fixture !== 'offhook-call') throw new FixtureError(1, 'wants "fixture": "offhook-call"');
  if (version !== 1) throw new FixtureError(1, `version ${String(version)} is not known, only 1`);
  for (const field of ['callSid', 'from', 'to', 'startedAt']) {
    if (typeof header[field] !== 'string') throw new FixtureError(1, `${field} is missing`);
  }
  if (Number.isNaN(Date.parse(String(header['startedAt']))))
    throw new FixtureError(1, 'startedAt is no time');
  if (!isRecord(header['settings'])) throw new FixtureError(1, 'settings is missing');
  return header as unknown as FixtureHeader;
}

function entryTrouble(entry: Record<string, unknown>): string | undefined {
  if (!isNumber(entry['atMs'])) return 'atMs is missing';
  if (entry['service'] !== undefined) return serviceTrouble(entry);
  const { from, to, message } = entry;
  if ((from === 'twilio') === (to === 'twilio')) return 'wants a service, or from or to "twilio"';
  if (!isRecord(message) || typeof message['event'] !== 'string') return 'message wants an event';
  return undefined;
}

/** What an answer of each service must hold. */
const ANSWERS: Readonly<Record<string, (answer: Record<string, unknown>) => boolean>> = {
  transcription: ({ text }) => typeof text === 'string',
  summary: ({ text }) => typeof text === 'string',
  speech: ({ mulaw }) => typeof mulaw === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(mulaw),
  chat: ({ pieces }) =>
    Array.isArray(pieces) &&
    pieces.every(
      (piece) => isRecord(piece) && isNumber(piece['afterMs']) && typeof piece['text'] === 'string',
    ),
};

function serviceTrouble(entry: Record<string, unknown>): string | undefined {
  const { service, id, request, answer, firstAfterMs, tookMs } = entry;
  const holds = typeof service === 'string' && Object.hasOwn(ANSWERS, service) ? ANSWERS[service] : undefined;
  if (!holds) return `service ${String(service)} is not known`;
  if (typeof id !== 'string') return 'id is missing';
  if (!isRecord(request)) return 'request is missing';
  if (!isNumber(firstAfterMs) || !isNumber(tookMs)) return 'firstAfterMs or tookMs is missing';
  if (!isRecord(answer)) return 'answer is missing';
  if (typeof answer['failed'] === 'string' ? typeof answer['passing'] !== 'boolean' : !holds(answer)) {
    return `this is no answer of the ${String(service)} service`;
  }
  return undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
