import type { FailureDetails } from '../../call/ports.ts';

/** Error codes of OpenAI (https://developers.openai.com/api/docs/guides/error-codes), of its Realtime API, and of Anthropic's and DeepSeek's gateways. */
const CODES = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'billing_hard_limit_reached',
  'insufficient_balance',
  'billing_error',
  'payment_required',
  // OpenAI, for an account whose payment failed; DashScope.
  'billing_not_active',
  'Arrearage',
]);
const PAYMENT_REQUIRED = 402;
const MONEY = String.raw`(?:credits?|balance|funds|quota)`;
const WORDING = new RegExp(
  String.raw`\b(?:insufficient|exhausted|not enough|no|out of|used up|ran out of|run out of)\b(?:\W+\w+){0,3}\W+${MONEY}\b|` +
    String.raw`\b${MONEY}\b(?:\W+\w+){0,4}\W+(?:exhausted|insufficient|used up|too low|exceeded|depleted)\b|` +
    // xAI; OpenAI; Zhipu and other Chinese services.
    String.raw`\bused all available ${MONEY}\b|\bspending limit\b|\bcheck your billing details|余额不足|欠费`,
  'iu',
);
/** Limits of the rate are named with the same words: they end by themselves. */
const RATE = /\bper (?:second|minute|hour|day)\b|\brate.?limit|try again (?:in|later)|retry/iu;

/** Whether a refusal says that the account has no money left: neither waiting nor another request helps. */
export function isOutOfCredit({ status, code, said = '' }: FailureDetails): boolean {
  if (status === PAYMENT_REQUIRED || (code !== undefined && CODES.has(code))) return true;
  return status !== undefined && status < 500 && WORDING.test(said) && !RATE.test(said);
}
