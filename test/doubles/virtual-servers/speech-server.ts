import type { Dice } from './dice.ts';
import { anyFailure, refusal, textResponse } from './failing-responses.ts';
import { sentAudio, type WavKind } from './sent-audio.ts';
import type { VirtualServer, WireRequest, WireResponse } from './virtual-network.ts';
import { codedSpeech, type SpokenWord, spokenWords } from './word-coded-speech.ts';

const FORMATS = ['wav', 'pcm', 'mp3'] as const;
type Format = (typeof FORMATS)[number];

/** What is the same in every response of one speech server. */
export interface SpeechPersonality {
  readonly accepts: readonly Format[];
  readonly wording: 'list' | 'field' | 'bare' | 'as a server error';
  /** Sends this whatever it is asked for. */
  readonly always: Format | undefined;
  readonly rateHz: number;
  readonly rateStated: 'type' | 'header' | 'setting';
  readonly wav: WavKind;
  /** The pace of the voice. */
  readonly letterMs: number;
  readonly failing: number;
}

const EXPECTED_RATE_HZ = 24_000;

/** MP3 files that were made once: encoding is expensive. */
const ENCODED = new Map<string, Promise<Uint8Array> | Uint8Array>();

/** A speech server whose personality and responses come from the dice. */
export class SpeechServer {
  readonly personality: SpeechPersonality;
  readonly #dice: Dice;

  constructor(dice: Dice, personality: Partial<SpeechPersonality> = {}) {
    this.#dice = dice;
    this.personality = { ...drawn(dice), ...personality };
  }

  /** What an operator has to set for raw samples of an unusual rate. */
  get sampleRateSetting(): number | undefined {
    const { rateStated, rateHz } = this.personality;
    return rateStated === 'setting' && rateHz !== EXPECTED_RATE_HZ ? rateHz : undefined;
  }

  wordsOf(text: string): SpokenWord[] {
    return spokenWords(text, this.personality.letterMs);
  }

  readonly serve: VirtualServer = ({ body }) => {
    const dice = this.#dice;
    const { accepts, always, failing } = this.personality;
    const asked = (body['response_format'] ?? 'mp3') as Format;
    const input = String(body['input']);
    if (always === undefined && !accepts.includes(asked)) return this.#refused(asked, body);
    if (!/[\p{L}\p{N}]/u.test(input))
      return textResponse('input without words', 'bad', {
        status: 400,
        body: '{"error":{"message":"input contains only punctuation"}}',
      });
    if (dice.chance(failing))
      return dice.chance(0.5) ? anyFailure(dice) : this.#broken(input, always ?? asked);
    return this.#spoken(input, always ?? asked);
  };

  #refused(asked: Format, body: WireRequest['body']): WireResponse {
    const { accepts, wording } = this.personality;
    const what = body['response_format'] === undefined ? 'no format' : `format ${asked}`;
    switch (wording) {
      case 'list':
        return refusal(what, 400, {
          error: { message: `Invalid response_format '${asked}'. Supported: ${accepts.join(', ')}` },
        });
      case 'field':
        return refusal(what, 422, {
          detail: [{ loc: ['body', 'response_format'], msg: 'Input should be another value', type: 'enum' }],
        });
      case 'bare':
        return refusal(what, 400, { error: { message: 'Bad Request' } });
      case 'as a server error':
        return refusal(what, 500, { detail: `Unsupported audio format: ${asked}` });
    }
  }

  #audio(input: string, format: Format): Promise<Uint8Array> | Uint8Array {
    const { rateHz, wav, letterMs } = this.personality;
    const make = () => sentAudio(codedSpeech(this.wordsOf(input), rateHz), { format, rateHz, wav });
    if (format !== 'mp3') return make();
    const key = JSON.stringify([input, rateHz, letterMs]);
    const made = ENCODED.get(key) ?? make();
    ENCODED.set(key, made);
    return made;
  }

  #headers(format: Format): Record<string, string> {
    const { rateStated, rateHz } = this.personality;
    if (format !== 'pcm') return { 'content-type': format === 'wav' ? 'audio/wav' : 'audio/mpeg' };
    if (rateStated === 'type') return { 'content-type': `audio/pcm;rate=${rateHz}` };
    return {
      'content-type': 'audio/pcm',
      ...(rateStated === 'header' && { 'x-sample-rate': String(rateHz) }),
    };
  }

  async #spoken(input: string, format: Format): Promise<WireResponse> {
    const dice = this.#dice;
    const lengthMs = this.wordsOf(input).at(-1)?.toMs ?? 0;
    const audio = await this.#audio(input, format);
    const pace = dice.chance(0.1) ? 1.3 : dice.pick([0.05, 0.2, 0.5]);
    const afterMs = dice.chance(0.05) ? dice.between(3_000, 12_000) : dice.between(80, 500);
    const parts = dice.cut(audio, 8, lengthMs * pace);
    return { name: 'speech', verdict: 'good', afterMs, status: 200, headers: this.#headers(format), parts };
  }

  async #broken(input: string, format: Format): Promise<WireResponse> {
    const dice = this.#dice;
    const speech = await this.#spoken(input, format);
    const whole = await this.#audio(input, format);
    const half = whole.subarray(0, dice.between(1, whole.length - 1));
    switch (dice.pick(['empty', 'silence', 'text', 'breaks', 'stalls', 'noise'] as const)) {
      case 'empty':
        return { ...speech, name: 'empty audio', verdict: 'bad', parts: [] };
      case 'silence': {
        const silence = new Int16Array(this.personality.rateHz);
        const { rateHz, wav } = this.personality;
        return {
          ...speech,
          name: 'silent audio',
          verdict: 'bad',
          parts: [[0, await sentAudio(silence, { format, rateHz, wav })]],
        };
      }
      case 'text':
        return textResponse('a text instead of audio', 'bad', {
          body: 'The voice model could not be loaded. Please try again later.',
          type: 'text/plain',
        });
      case 'breaks':
        return {
          ...speech,
          name: 'speech breaks',
          verdict: 'bad',
          parts: dice.cut(half, 6, 400),
          end: 'breaks',
        };
      case 'stalls':
        return {
          ...speech,
          name: 'speech stalls',
          verdict: 'stalls',
          parts: dice.cut(half, 6, 400),
          end: 'stalls',
        };
      case 'noise': {
        const bytes = Uint8Array.from({ length: 8_000 }, () => dice.between(0, 255));
        bytes.set([0x1f, 0x8b, 8, 0]);
        return { ...speech, name: 'undecodable bytes', verdict: 'bad', parts: [[0, bytes]] };
      }
    }
  }
}

function drawn(dice: Dice): SpeechPersonality {
  const accepts = FORMATS.filter((format) => dice.chance(format === 'mp3' ? 0.08 : 0.8));
  const hasRate = dice.chance(0.5);
  const isMp3 = accepts.length === 1 && accepts[0] === 'mp3';
  return {
    accepts: accepts.length > 0 ? accepts : ['wav'],
    wording: dice.pick(['list', 'list', 'field', 'bare', 'as a server error']),
    always: dice.chance(0.1) ? dice.pick(['wav', 'pcm']) : undefined,
    // Most speak at the rate of the line: resampling takes most of the time of a call.
    rateHz: isMp3 ? 16_000 : dice.pick([8_000, 8_000, 8_000, 16_000, 24_000]),
    rateStated: hasRate ? dice.pick(['type', 'header']) : 'setting',
    wav: dice.pick(['exact', 'unknown length', 'zero length', 'too long', 'several', 'with a list']),
    letterMs: isMp3 ? 60 : dice.between(50, 90),
    failing: dice.pick([0, 0, 0.15, 0.4]),
  };
}
