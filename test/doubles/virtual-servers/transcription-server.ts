import type { Dice } from './dice.ts';
import { anyFailure, refusal, refusedShape, textResponse } from './failing-responses.ts';
import type { VirtualServer, WireRequest, WireResponse } from './virtual-network.ts';

const TEXTS = ['I have a question.', 'Is my invoice paid?', 'When are you open on Saturday, please?'];
const SHAPES = ['json', 'json', 'text', 'verbose', 'subtitles', 'string', 'mislabelled'] as const;

interface TranscriptionPersonality {
  readonly shape: (typeof SHAPES)[number];
  readonly refuses: readonly ('language' | 'response_format')[];
  readonly wording: 'named' | 'bare' | 'as a server error';
  readonly failing: number;
}

/** A transcription server whose personality and responses come from the dice. */
export function transcriptionServer(dice: Dice): VirtualServer {
  const personality: TranscriptionPersonality = {
    shape: dice.pick(SHAPES),
    refuses: (['language', 'response_format'] as const).filter(() => dice.chance(0.15)),
    wording: dice.pick(['named', 'named', 'bare', 'as a server error']),
    failing: dice.pick([0, 0, 0.15, 0.4]),
  };
  return ({ body }) => {
    const what = personality.refuses.find((field) => body[field] !== undefined);
    if (what !== undefined) return refused(what, personality, body);
    if (dice.chance(personality.failing)) return dice.chance(0.7) ? anyFailure(dice) : broken(dice);
    const afterMs = dice.chance(0.1) ? dice.between(3_000, 20_000) : dice.between(50, 1_500);
    if (dice.chance(0.08)) return worded('', personality, afterMs);
    return worded(dice.pick(TEXTS), personality, afterMs);
  };
}

function refused(
  what: 'language' | 'response_format',
  { wording }: TranscriptionPersonality,
  body: WireRequest['body'],
): WireResponse {
  const named =
    what === 'language' ? "'en' is not a valid language code" : "response_format 'json' is not supported";
  if (wording === 'bare') return refusal(refusedShape(what, false, body), 400, { detail: 'Bad Request' });
  if (wording === 'as a server error') return refusal(what, 500, { detail: named });
  return refusal(what, 422, { detail: [{ loc: ['body', what], msg: named, type: 'value_error' }] });
}

function broken(dice: Dice): WireResponse {
  return dice.pick<WireResponse>([
    textResponse('JSON without a text', 'bad', {
      body: '{"task":"transcribe","duration":2.1}',
      type: 'application/json',
    }),
    textResponse('empty JSON', 'bad', { body: '', type: 'application/json' }),
    textResponse('damaged JSON', 'bad', { body: '{"text": "I ha', type: 'application/json' }),
    {
      name: 'text breaks',
      verdict: 'bad',
      afterMs: 60,
      status: 200,
      parts: [[0, '{"text": "I']],
      end: 'breaks',
    },
  ]);
}

function worded(text: string, { shape }: TranscriptionPersonality, afterMs: number): WireResponse {
  const name = text === '' ? 'no words' : 'text';
  const body = JSON.stringify({ text });
  switch (shape) {
    case 'json':
      return textResponse(name, 'good', { body, type: 'application/json', afterMs });
    case 'text':
      return textResponse(name, 'good', { body: `${text}\n`, type: 'text/plain; charset=utf-8', afterMs });
    case 'verbose': {
      const verbose = {
        task: 'transcribe',
        language: 'english',
        duration: 2.1,
        text,
        segments: text === '' ? [] : [{ id: 0, text: ` ${text}` }],
      };
      return textResponse(name, 'good', { body: JSON.stringify(verbose), type: 'application/json', afterMs });
    }
    case 'subtitles': {
      const lines = text === '' ? '' : `1\n00:00:00,000 --> 00:00:02,100\n${text}\n`;
      return textResponse(name, 'good', { body: lines, type: 'text/plain', afterMs });
    }
    case 'string':
      return textResponse(name, 'good', { body: JSON.stringify(text), type: 'application/json', afterMs });
    case 'mislabelled':
      return textResponse(name, 'good', { body, type: 'text/html; charset=utf-8', afterMs });
  }
}
