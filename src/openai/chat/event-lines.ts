import { createParser, type EventSourceParser } from 'eventsource-parser';
import { parseServerJson } from '../server/json-values.ts';

/** Parses server-sent events, also of servers that omit the empty line between two events of one line of JSON each. */
export class EventLines {
  readonly #parser: EventSourceParser;
  /** The start of a line. */
  #rest = '';
  /** Characters that were fed since the last event. */
  #held = 0;
  /** The data of the line before, if no empty line followed it. */
  #dataBefore: string | undefined;
  #lacksEmptyLines = false;

  constructor(event: (name: string | undefined, data: string) => void) {
    this.#parser = createParser({
      onEvent: ({ event: name, data }) => {
        this.#held = 0;
        event(name, data);
      },
      onError: () => undefined,
    });
  }

  /** Characters that are held, because their event is not complete. */
  get held(): number {
    return this.#held;
  }

  feed(text: string): void {
    this.#held += text.length;
    const lines = (this.#rest + text).split(/(?<=\n)/u);
    this.#rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
    for (const line of lines) this.#line(line);
  }

  /** Forgets what is held. */
  reset(): void {
    this.#parser.reset();
    this.#rest = '';
    this.#held = 0;
  }

  /** llama.cpp of before September 2025 names the field of an error `error` (ggml-org/llama.cpp#16109). */
  #line(written: string): void {
    const line = written.replace(/^error: ?(?=\{)/u, 'event: error\ndata: ');
    const data = line.startsWith('data:') ? line.slice(5).trim() : undefined;
    const before = this.#dataBefore;
    if (data !== undefined && before !== undefined && parseServerJson(before) !== undefined) {
      this.#lacksEmptyLines = true;
      this.#parser.feed('\n');
    }
    this.#parser.feed(line);
    this.#dataBefore = data;
    if (!this.#lacksEmptyLines || data === undefined || parseServerJson(data) === undefined) return;
    this.#parser.feed('\n');
    this.#dataBefore = undefined;
  }
}
