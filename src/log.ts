import { type DestinationStream, type Logger, pino } from 'pino';

/** Message texts are constant; what varies are fields, and none of them holds what was said or a secret. */
export type Log = Logger;

/** Receives each line of the log. */
export type LogDestination = DestinationStream;

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-twilio-signature"]',
  'apiKey',
  'apiToken',
  'authToken',
  'adminPassword',
  'password',
  'token',
];

/** Fields with spoken words and prompts. Log the number of words instead. */
const PRIVATE_FIELDS = ['text', 'transcript', 'prompt', 'instructions', 'greeting', 'summary', 'messages'];

/** pino redacts by exact path: here at the top, one level down, and two (`req.headers.cookie`). */
function everywhere(field: string): string[] {
  const joined = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${joined}`, `*.*${joined}`];
}

/** Writes one JSON object per line to `destination`, by default stdout. */
export function createLog(options: { level: string; destination?: LogDestination | undefined }): Log {
  const withStacks = options.level === 'debug' || options.level === 'trace';
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: [...SECRET_FIELDS, ...PRIVATE_FIELDS].flatMap(everywhere), censor: '[redacted]' },
      serializers: { err: (error: unknown) => describeError(error, withStacks) },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

/** The parts of the program that name themselves in the field `component` of their log lines. */
export type Component =
  | 'call'
  | 'catalogue'
  | 'cluster'
  | 'events'
  | 'finalizer'
  | 'http'
  | 'journal'
  | 'machines'
  | 'maintenance'
  | 'microphone'
  | 'processes'
  | 'recovery'
  | 'replication'
  | 'retention'
  | 'server'
  | 'services'
  | 'telephony'
  | 'uploads'
  | 'worker';

/** The logger of one component. */
export function componentLog(log: Log, component: Component): Log {
  return log.child({ component });
}

interface DescribedError {
  type: string;
  message: string;
  status?: number;
  code?: string | undefined;
  /** What is known of a service's failure: server, status, its own message. */
  details?: object;
  stack?: string;
  cause?: DescribedError;
}

const MOST_CAUSES = 4;
const LONGEST_MESSAGE = 300;

/**
 * Only what distinguishes failures. An SDK's error carries headers and whole bodies along, and a service's
 * message may quote the key or the words it was sent.
 */
function describeError(error: unknown, withStacks: boolean, depth = 0): DescribedError {
  if (!(error instanceof Error)) return describeThrown(error);
  const { status, code, details } = error as { status?: unknown; code?: unknown; details?: unknown };
  return {
    type: error.constructor.name,
    message: withoutKeys(messageOf(error)),
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
    ...(isObject(details) && { details }),
    ...(depth === 0 && (withStacks || isProgrammingError(error)) && { stack: framesOf(error) }),
    ...(error.cause instanceof Error &&
      depth < MOST_CAUSES && { cause: describeError(error.cause, withStacks, depth + 1) }),
  };
}

/** Some packages assign what a server sent, which may be nothing, to `message`: Twilio's exceptions do. */
function messageOf({ message, name }: { readonly message: unknown; readonly name: string }): string {
  return typeof message === 'string' ? message : `${name} without a message`;
}

/** Errors of the program itself; only the stack shows where they came from. `fetch` throws a TypeError with a cause. */
export function isProgrammingError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isOne = PROGRAMMING_ERRORS.some((type) => error instanceof type) && error.cause === undefined;
  return isOne && !('code' in error);
}

const PROGRAMMING_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError] as const;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Errors that crossed a thread or came from a native module may be no instances of this thread's `Error`. */
function describeThrown(thrown: unknown): DescribedError {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown))
    return { type: typeof thrown, message: withoutKeys(String(thrown)) };
  const { name, message, code } = thrown as { name?: unknown; message: unknown; code?: unknown };
  return {
    type: typeof name === 'string' ? name : 'object',
    message: withoutKeys(String(message)),
    code: typeof code === 'string' ? code : undefined,
  };
}

/** The message without keys, which services quote, and shortened. */
export function withoutKeys(message: string): string {
  return message
    .slice(0, LONGEST_MESSAGE)
    .replace(/\b(sk|SK|rk)[-_]?[A-Za-z0-9*_-]{8,}/g, '[key]')
    .replace(/Bearer \S+/gi, 'Bearer [key]');
}

/** The stack without its first line, which repeats the message unredacted. */
function framesOf({ stack }: Error): string {
  return String(stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
