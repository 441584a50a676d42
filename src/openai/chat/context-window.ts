import type { ShapeRefusal } from '../server/service-client.ts';

const CODES = /context_length_exceeded|exceed_context_size|string_above_max_length/u;
/** How OpenAI, vLLM, llama.cpp, Anthropic, Mistral, Groq, LM Studio, Gemini, TGI, xAI, DashScope, Zhipu and OpenRouter word it. */
const WORDING =
  /context (length|size|window)|maximum context|max(imum)? (number of )?(input )?tokens|(prompt|input) is too long|too many (input )?tokens|token (count|limit).*exceed|exceeds?.*(token|context)|reduce (the length|your message)|trying to keep the first \d+ tokens|max_new_tokens.*must be|maximum prompt length|range of input length|prompt exceeds max|(?:prompt|input) length\b.*\b(?:exceed|greater|larger|longer)|tokens?\b.*\bexceeds? (?:the )?limit|maximum model length|must have less than \d+ tokens|truncate prompt|max_(?:completion_)?tokens must be at least 1, got -/iu;
/** A limit of an account, which a shorter request meets, too. */
const ALLOWANCE =
  /quota|billing|credit|allowance|\bplan\b|usage limit|\b(?:monthly|daily|hourly|weekly)\b|\bper (?:day|month|hour|week|min)/iu;
/** OpenAI and Groq: one request has more tokens than a minute may have. OpenRouter: more than the account may pay for. */
const TOO_LARGE = /request too large|prompt tokens limit exceeded/iu;
const COUNT = String.raw`(\d[\d,]{1,9})`;
/** The window, by the words before it or the sign before it. */
const LIMITS = [
  new RegExp(String.raw`\blimit exceeded: \d+ > ${COUNT}`, 'giu'),
  new RegExp(String.raw`\bmaximum model length of ${COUNT}`, 'giu'),
  new RegExp(
    String.raw`\b(?:maximum|max|limit|window|length|context size|available|only|allowed)\b[^.\d]{0,50}?${COUNT}`,
    'giu',
  ),
  new RegExp(String.raw`\bless than ${COUNT}`, 'gu'),
  new RegExp(String.raw`<=\s*${COUNT}`, 'gu'),
  new RegExp(String.raw`n_ctx \(${COUNT}\)`, 'gu'),
  new RegExp(String.raw`>\s*${COUNT}`, 'gu'),
  new RegExp(String.raw`\[\d+, ${COUNT}\]`, 'gu'),
];
/** What was sent, by the words or the sign beside it. */
const REQUESTED = [
  new RegExp(
    String.raw`\b(?:request(?:ed|s)?|resulted in|passed|given|contains|about|count|your|has|prompt)\b[^.\d]{0,30}?${COUNT}`,
    'giu',
  ),
  new RegExp(String.raw`${COUNT}\s*(?:tokens)?\s*>`, 'gu'),
  new RegExp(String.raw`n_keep \(${COUNT}\)`, 'gu'),
];
/** `199759 + 20000 > 200000`: input and reserved output at Anthropic. */
const SUM = new RegExp(String.raw`${COUNT} \+ ${COUNT} > ${COUNT}`, 'u');
/** The number of characters per token varies, so only this share of the window is filled. */
const USED_SHARE = 0.85;

/** True if a server refused a request because its messages do not fit into the model's context window. */
export function exceedsContext({ code, message, status }: ShapeRefusal): boolean {
  if (code !== undefined && CODES.test(code)) return true;
  if (TOO_LARGE.test(message)) return true;
  return status === 413 || (status !== 429 && WORDING.test(message) && !ALLOWANCE.test(message));
}

/** The number of characters that fit, by the token counts in the refusal; half of what was sent if it names none. */
export function fittingCharacters({ message }: ShapeRefusal, sentCharacters: number): number {
  const share = fittingShare(message) ?? 0.5;
  return Math.max(1, Math.min(Math.floor(sentCharacters * share), sentCharacters - 1));
}

/** Undefined if the message does not say both the window and what was sent. */
function fittingShare(message: string): number | undefined {
  const [, input, output, window] = SUM.exec(message) ?? [];
  if (input !== undefined) return ((numberOf(window!) - numberOf(output!)) * USED_SHARE) / numberOf(input);
  const limit = countsOf(message, LIMITS)[0];
  if (limit === undefined) return undefined;
  const requested = Math.max(...countsOf(message, REQUESTED));
  return requested > limit ? (limit * USED_SHARE) / requested : undefined;
}

function countsOf(message: string, patterns: readonly RegExp[]): number[] {
  return patterns
    .flatMap((pattern) => [...message.matchAll(pattern)].map((match) => numberOf(match[1]!)))
    .filter((count) => count >= 16);
}

function numberOf(count: string): number {
  return Number(count.replaceAll(',', ''));
}
