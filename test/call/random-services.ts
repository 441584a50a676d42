import { RETRACT, ServiceError } from '../../src/call/ports.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';
import type { Replier, Transcriber, Voice } from '../../src/call/ports.ts';

type Sleep = (ms: number) => Promise<void>;

/** What a service does with one request: `failure` is what it throws. */
interface Behaviour<Part> {
  readonly name: string;
  /** Each part after a time. */
  readonly parts: readonly (readonly [afterMs: number, part: Part])[];
  readonly failure?: Error | undefined;
}

const WORDS = [
  'We are open until six.',
  'Your invoice is paid.',
  'Shall I ask a colleague to call you back tomorrow?',
  'Yes.',
];
const ODD_TEXTS = [
  'Great, see you! 😊',
  '**Billing** – press *one*\n\n| a | b |\n|---|---|\n',
  'no full stop at the end',
  '本日の営業時間は午前九時から午後六時までです。',
  '1. One\n2. Two\n\n---\n',
  'Visit https://example.com/a?b=c now. Bye —',
];
const EMPTY_TEXTS = ['😊', '---', '\n\n', '…'];

/** Services whose every request behaves in a random way; the same for the same seed. */
export class RandomServices {
  readonly transcriber: Transcriber;
  readonly replier: Replier;
  readonly voice: Voice;
  /** The names of the behaviours, in order. */
  readonly happened: string[] = [];
  /** Requests that failed and were not aborted before. */
  failures = 0;
  readonly #random: () => number;
  readonly #sleep: Sleep;

  constructor(seed: number, sleep: Sleep) {
    this.#random = seededRandom(seed);
    this.#sleep = sleep;
    this.transcriber = { transcribe: (_, signal) => this.#transcribe(signal) };
    this.replier = { reply: (_, signal) => this.#play(this.#reply(), signal) };
    this.voice = { speak: (text, signal) => this.#play(this.#speech(text), signal) };
  }

  between(least: number, most: number): number {
    return Math.floor(least + this.#random() * (most - least + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  async #transcribe(signal: AbortSignal): Promise<string> {
    let text = '';
    for await (const part of this.#play(this.#text(), signal)) text += part;
    return text;
  }

  #text(): Behaviour<string> {
    const kind = this.between(0, 9);
    if (kind < 6) return { name: 'text', parts: [[this.between(50, 1_500), 'I have a question.']] };
    if (kind === 6) return { name: 'late text', parts: [[this.between(3_000, 20_000), 'Late.']] };
    if (kind === 7) return { name: 'no words', parts: [[100, '']] };
    if (kind === 8) return { name: 'text fails', parts: [], failure: this.#error('transcription') };
    return { name: 'text never comes', parts: [[1e9, '']] };
  }

  #reply(): Behaviour<string | typeof RETRACT> {
    const first = this.between(50, 1_200);
    const words = (text: string): (readonly [number, string])[] =>
      text.split(/(?<= )/u).map((word, n) => [n === 0 ? first : this.between(5, 80), word] as const);
    const sentences = Array.from({ length: this.between(1, 5) }, () => this.pick(WORDS)).join(' ');
    switch (this.between(0, 11)) {
      case 0:
        return { name: 'odd reply', parts: words(`${sentences} ${this.pick(ODD_TEXTS)}`) };
      case 1:
        return { name: 'reply without words', parts: words(this.pick(EMPTY_TEXTS)) };
      case 2:
        return { name: 'empty reply', parts: [] };
      case 3:
        return { name: 'reply fails', parts: [], failure: this.#error('chat') };
      case 4:
        return {
          name: 'reply breaks off',
          parts: words(sentences).slice(0, this.between(1, 9)),
          failure: this.#error('chat'),
        };
      case 5:
        return {
          name: 'thoughts',
          parts: [...words(sentences), [this.between(0, 3_000), RETRACT], ...words(this.pick(WORDS))],
        };
      case 6:
        return { name: 'late reply', parts: [[this.between(5_000, 22_000), this.pick(WORDS)]] };
      case 7:
        return {
          name: 'reply stalls',
          parts: [...words(this.pick(WORDS)), [this.between(5_000, 20_000), ` ${this.pick(WORDS)}`]],
        };
      case 8:
        return { name: 'reply never comes', parts: [[1e9, '']] };
      default:
        return { name: 'reply', parts: words(sentences) };
    }
  }

  #speech(text: string): Behaviour<Uint8Array> {
    const lengthMs = Math.max(400, text.length * 60);
    const audio = (firstMs: number, everyMs: number, toMs = lengthMs): (readonly [number, Uint8Array])[] =>
      Array.from(
        { length: Math.ceil(toMs / 200) },
        (_, n) => [n === 0 ? firstMs : everyMs, new Uint8Array(1_600).fill(0x20)] as const,
      );
    // Texts without a letter or a digit get no audio, as at many servers.
    if (!/[\p{L}\p{N}]/u.test(text))
      return { name: 'nothing to say', parts: [], failure: this.#error('speech') };
    switch (this.between(0, 9)) {
      case 0:
        return { name: 'speech fails', parts: [], failure: this.#error('speech') };
      case 1:
        return {
          name: 'speech breaks off',
          parts: audio(200, 20, lengthMs / 2),
          failure: this.#error('speech'),
        };
      case 2:
        return { name: 'late speech', parts: audio(this.between(3_000, 12_000), 20) };
      case 3:
        return { name: 'slow speech', parts: audio(300, this.between(200, 400)) };
      case 4:
        return { name: 'speech never comes', parts: [[1e9, new Uint8Array(0)]] };
      default:
        return { name: 'speech', parts: audio(this.between(100, 500), 20) };
    }
  }

  #error(service: 'transcription' | 'chat' | 'speech'): Error {
    if (this.between(0, 3) === 0) return new TypeError('undefined is not a function');
    const details = { server: '127.0.0.1:1', status: this.pick([400, 429, 500]), said: 'no' };
    return new ServiceError(service, 'failing', { transient: this.between(0, 1) === 0, details });
  }

  async *#play<Part>({ name, parts, failure }: Behaviour<Part>, signal: AbortSignal): AsyncGenerator<Part> {
    this.happened.push(name);
    for (const [afterMs, part] of parts) {
      await this.#sleep(afterMs);
      if (signal.aborted) return;
      yield part;
    }
    await this.#sleep(20);
    if (signal.aborted || !failure) return;
    this.failures += 1;
    throw failure;
  }
}
