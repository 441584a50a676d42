import { parseServerJson, readJsonValues } from '../server/json-values.ts';
import type { ServerMessage } from '../server/server-message.ts';
import { readServerMessage } from '../server/server-message.ts';
import { type ChatPart, partsOf } from './chat-parts.ts';
import { EventLines } from './event-lines.ts';

/** What servers and proxies send to keep a connection alive, as the name of an event or as its data. */
const HEARTBEAT = /^(?:keep-?alive|ping|pong|heartbeat|connected|open(?:ed)?|start(?:ed)?|alive)$/iu;
/** The end of a stream; OpenAI writes `[DONE]`. */
const END = /^(?:\[?done\]?|\[?end\]?|close)$/iu;
const MAX_WORD = 20;
/** A response that contains more than this without anything readable is given up. */
const MAX_UNREAD_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads a chat response of any framing: server-sent events, with or without empty lines between them; one JSON document, also
 * where a stream was requested; JSON lines; an error or a page in place of a reply. The bytes decide, not the content type. Push
 * the bytes in any portions; each call returns what they completed.
 */
export class ChatResponseReader {
  readonly #decoder = new TextDecoder();
  readonly #events: EventLines;
  #framing: 'unknown' | 'events' | 'json' | 'page' = 'unknown';
  /** Text that is not parsed yet: the beginning, or the rest of an incomplete line. */
  #unread = '';
  #parts: ChatPart[] = [];
  #done = false;
  #partsRead = 0;
  /** The beginning of the response, for the error message. */
  #head = '';

  constructor() {
    this.#events = new EventLines((name, data) => this.#event(name, data));
  }

  /** True after `[DONE]`: whatever follows is not part of the reply. */
  get done(): boolean {
    return this.#done;
  }

  /** How the response is framed; `unknown` until the first bytes have been read. */
  get framing(): 'unknown' | 'events' | 'json' | 'page' {
    return this.#framing;
  }

  read(bytes: Uint8Array): ChatPart[] {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
    return this.#taken();
  }

  /** The response is complete. A response without a readable part is an error. */
  end(): ChatPart[] {
    this.#take(this.#decoder.decode());
    if (this.#framing === 'events') this.#events.feed('\n\n');
    else this.#document(this.#unread);
    if (this.#partsRead === 0 && !this.#done) this.#push({ kind: 'error', error: this.#unreadable() });
    return this.#taken();
  }

  #take(text: string): void {
    if (this.#head.length < MAX_HEAD) this.#head += text.slice(0, MAX_HEAD);
    if (this.#framing === 'events') this.#events.feed(text);
    else {
      this.#unread += text;
      if (this.#framing === 'unknown') this.#detect();
      else if (this.#framing === 'json') this.#lines();
    }
    if (Math.max(this.#unread.length, this.#events.held) > MAX_UNREAD_CHARACTERS && !this.#done) {
      this.#unread = '';
      this.#events.reset();
      this.#done = true;
      this.#push({ kind: 'error', error: { ...this.#unreadable(), message: 'the response is too long' } });
    }
  }

  #detect(): void {
    // JSON sequences (RFC 7464) begin with a record separator.
    const begun = this.#unread.replace(/^[\s\p{Cc}]+/u, '');
    if (begun === '') return;
    if (begun.startsWith('{') || begun.startsWith('[')) this.#framing = 'json';
    else if (begun.startsWith('<')) this.#framing = 'page';
    else this.#framing = 'events';
    if (this.#framing === 'json') this.#lines();
    if (this.#framing !== 'events') return;
    // An empty `data:` field and a comment are valid beginnings; leading blanks are not part of the framing.
    this.#unread = '';
    this.#events.feed(begun);
  }

  /** JSON lines: each complete line that is a JSON value. A document over several lines waits for the end. */
  #lines(): void {
    for (;;) {
      const end = this.#unread.indexOf('\n');
      if (end < 0) return;
      const line = this.#unread.slice(0, end).trim();
      if (line !== '') {
        const values = readJsonValues(line);
        if (values === undefined) return;
        this.#values(values);
      }
      this.#unread = this.#unread.slice(end + 1);
    }
  }

  /** One JSON document, or several without line feeds, or the last line of several. */
  #document(text: string): void {
    this.#values(readJsonValues(text) ?? []);
  }

  /** `event: error` is an error, whatever its data. */
  #event(name: string | undefined, data: string): void {
    if (HEARTBEAT.test(name ?? '') || (data.length < MAX_WORD && HEARTBEAT.test(data.trim())))
      this.#push({ kind: 'nothing' });
    else if (END.test(name ?? '') && parseServerJson(data) === undefined) this.#done = true;
    else if (name !== 'error' || this.#done) this.#payload(data);
    else this.#push({ kind: 'error', error: readServerMessage(data) });
  }

  /** The data of one event. Servers that omit the empty line join several chunks into one event. */
  #payload(data: string): void {
    const text = data.trim();
    if (text === '' || this.#done) return;
    if (END.test(text)) {
      this.#done = true;
      return;
    }
    const whole = parseServerJson(text);
    const glued = whole === undefined ? readJsonValues(text) : undefined;
    if (whole !== undefined) this.#values([whole]);
    else if (glued !== undefined) {
      this.#values(glued);
      if (/\[DONE\]$/iu.test(text)) this.#done = true;
    } else if (text.includes('\n')) for (const line of text.split('\n')) this.#payload(line);
    else if (text.startsWith('{')) this.#push({ kind: 'unreadable' });
    else this.#push({ kind: 'error', error: readServerMessage(text) });
  }

  #values(values: readonly unknown[]): void {
    if (this.#done) return;
    for (const one of values.flat()) this.#push(...partsOf(one));
  }

  #push(...parts: ChatPart[]): void {
    this.#partsRead += parts.length;
    this.#parts.push(...parts);
  }

  #taken(): ChatPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  #unreadable(): ServerMessage {
    const said = readServerMessage(this.#head);
    return { ...said, message: said.message ?? 'an empty response' };
  }
}

const MAX_HEAD = 2_000;
