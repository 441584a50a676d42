import type { ShapeRefusal } from '../server/service-client.ts';

const CODES = /context_length_exceeded|exceed_context_size|string_above_max_length/u;
/** How OpenAI, vLLM, llama.cpp, Anthropic, Mistral, Groq, LM Studio and Gemini word it. */
const WORDING =
  /context (length|size|window)|maximum context|max(imum)? (number of )?(input )?tokens|prompt is too long|input is too long|too many (input )?tokens|token (count|limit).*exceed|exceeds?.*(token|context)|reduce the length|trying to keep the first \d+ tokens/iu;
/** The limit comes before the requested number at OpenAI and vLLM, behind it at llama.cpp; it is the smaller one. */
const TOKEN_COUNTS = /(\d[\d,]{1,9})\s*(?:input\s+)?tokens|\((\d[\d,]{1,9})\)|\b(\d{3,9})\b/giu;
/** Token counts of other texts differ: this share of the window is used. */
const USED_SHARE = 0.85;

/** True if a server refused a request because its messages do not fit into the model's context window. */
export function exceedsContext({ code, message, status }: ShapeRefusal): boolean {
  if (code !== undefined && CODES.test(code)) return true;
  return status !== 429 && WORDING.test(message);
}

/** The number of characters that fit, by the token counts in the refusal; half of what was sent if it names none. */
export function fittingCharacters({ message }: ShapeRefusal, sentCharacters: number): number {
  const counts = [...message.matchAll(TOKEN_COUNTS)]
    .map((match) => Number((match[1] ?? match[2] ?? match[3] ?? '').replaceAll(',', '')))
    .filter((count) => count >= 16);
  const [limit, requested] = [Math.min(...counts), Math.max(...counts)];
  const half = Math.floor(sentCharacters / 2);
  if (counts.length < 2 || limit >= requested) return half;
  return Math.max(
    1,
    Math.min(Math.floor((sentCharacters * limit * USED_SHARE) / requested), sentCharacters - 1),
  );
}
