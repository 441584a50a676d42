import type { LogDestination } from '../../log.ts';
import type { Settings } from '../../settings/settings.ts';

/** Fields that have places of their own in a line, or belong to debugging. */
const NOT_LISTED = new Set(['level', 'time', 'msg', 'component', 'stack', 'warning']);

/** Where the log of a server is written: lines for people on a terminal, else undefined for JSON on stdout. */
export async function logDestination({ logFormat, logLevel }: Settings): Promise<LogDestination | undefined> {
  if (!isTextLog(logFormat)) return undefined;
  const { default: pretty } = await import('pino-pretty');
  const withStacks = logLevel === 'debug' || logLevel === 'trace';
  return pretty({
    sync: true,
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'component',
    messageFormat: (fields) => textOf(fields, withStacks),
  });
}

export function isTextLog(logFormat: Settings['logFormat']): boolean {
  return logFormat === 'text' || (logFormat === 'auto' && process.stdout.isTTY);
}

/** `server: offhook is listening (port 8000, host 0.0.0.0)` */
export function textOf(fields: Readonly<Record<string, unknown>>, withStacks: boolean): string {
  const { msg, component, warning } = fields;
  const details = Object.entries(fields).flatMap(([name, value]) =>
    NOT_LISTED.has(name) || value === undefined ? [] : [detailOf(name, value)],
  );
  const subject = typeof component === 'string' ? `${component}: ` : '';
  // A warning is a sentence for people; the message only says what kind it is.
  const message = typeof warning === 'string' ? printable(warning) : typeof msg === 'string' ? msg : '';
  const line = `${subject}${message}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
  const stack = withStacks ? stackOf(fields) : undefined;
  return stack === undefined ? line : `${line}\n${stack}`;
}

function detailOf(name: string, value: unknown): string {
  if (name === 'err') return errorOf(value);
  return `${name} ${typeof value === 'string' ? printable(value) : JSON.stringify(value)}`;
}

/** The messages of an error and of its causes, from the outermost on. */
function errorOf(value: unknown): string {
  const { type, message, cause } = (value ?? {}) as { type?: string; message?: string; cause?: unknown };
  const own = message === undefined || message === '' ? (type ?? 'error') : message;
  const inner = cause === undefined ? '' : errorOf(cause);
  return inner === '' || own.includes(inner) ? printable(own) : `${printable(own)}: ${inner}`;
}

/** A server's message must not control the terminal. */
function printable(text: string): string {
  return /[\p{Cc}\p{Cf}]/u.test(text) ? JSON.stringify(text).replace(/[\p{Cc}\p{Cf}]/gu, '�') : text;
}

function stackOf({ stack, err }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof stack === 'string') return stack;
  const inner = (err as { stack?: unknown } | undefined)?.stack;
  return typeof inner === 'string' ? inner : undefined;
}
