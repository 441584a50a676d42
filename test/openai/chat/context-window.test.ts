import { describe, expect, test } from 'vitest';
import { exceedsContext, fittingCharacters } from '../../../src/openai/chat/context-window.ts';

const refusal = (message: string, status = 400) => ({ status, message, code: undefined, param: undefined });

/** The messages of servers, with the share of the window in what was sent. */
const MESSAGES: readonly (readonly [source: string, message: string, share: number | undefined])[] = [
  [
    'OpenAI',
    "This model's maximum context length is 4097 tokens. However, your messages resulted in 8194 tokens.",
    0.5,
  ],
  [
    'OpenRouter',
    "This endpoint's maximum context length is 4096 tokens. However, you requested about 5200 tokens (4700 of text input, 500 in the output).",
    4_096 / 5_200,
  ],
  [
    'LiteLLM for Azure: a number in the name of the model',
    "litellm.ContextWindowExceededError: AzureException: This model's maximum context length is 8192 tokens, however you requested 9800 tokens (9300 in your prompt; 500 for the completion). Model gpt-4-0613",
    8_192 / 9_800,
  ],
  [
    'Anthropic',
    'input length and `max_tokens` exceed context limit: 199759 + 20000 > 200000',
    180_000 / 199_759,
  ],
  ['Anthropic: the prompt', 'prompt is too long: 210000 tokens > 200000 maximum', 200_000 / 210_000],
  [
    'llama.cpp',
    'the request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
    4_096 / 5_000,
  ],
  [
    'vLLM',
    "You passed 5000 input tokens and requested 1000 output tokens. However, the model's context length is only 4096 tokens",
    4_096 / 5_000,
  ],
  [
    'text-generation-inference: router/src/validation.rs',
    '`inputs` tokens + `max_new_tokens` must be <= 1024. Given: 2209 `inputs` tokens and 20 `max_new_tokens`',
    1_024 / 2_209,
  ],
  ['xAI', "This model's maximum prompt length is 1024 but the request contains 2209 tokens.", 1_024 / 2_209],
  ['DashScope', 'Range of input length should be [1, 1024]', undefined],
  ['Zhipu', 'Prompt exceeds max length', undefined],
  [
    'Gemini',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    1_048_576 / 1_200_000,
  ],
  [
    'vLLM: v1/engine/processor.py',
    'The decoder prompt (length 8825) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens.',
    8_192 / 8_825,
  ],
  ['vLLM (vllm-project/vllm#4667)', 'max_tokens must be at least 1, got -186.', undefined],
  [
    'text-generation-inference (huggingface/text-generation-inference#695)',
    'Input validation error: `inputs` must have less than 1024 tokens. Given: 1168',
    1_024 / 1_168,
  ],
  [
    'LM Studio (openclaw/openclaw#30056)',
    'Cannot truncate prompt with n_keep (13575) >= n_ctx (4096)',
    4_096 / 13_575,
  ],
  [
    'OpenRouter (continuedev/continue#11584)',
    'Prompt tokens limit exceeded: 23229 > 14796. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account',
    14_796 / 23_229,
  ],
];

describe('a refused text that is too long', () => {
  test.each(MESSAGES)('%s', (_, message, share = 0.5 / 0.85) => {
    expect(exceedsContext(refusal(message))).toBe(true);
    expect(fittingCharacters(refusal(message), 10_000) / 10_000).toBeCloseTo(share * 0.85, 3);
  });

  test('413 means too long, whatever it says (Groq)', () => {
    const message =
      'Request too large for model: Limit 6000, Requested 9000, please reduce your message size';
    expect(exceedsContext(refusal(message, 413))).toBe(true);
    expect(exceedsContext(refusal('', 413))).toBe(true);
    // OpenAI's 429: the request alone exceeds what a minute allows, so it never succeeds as it is.
    expect(exceedsContext(refusal(message, 429))).toBe(true);
    expect(exceedsContext(refusal('Rate limit reached: max tokens per minute', 429))).toBe(false);
  });

  test.each([
    'prompt length (900) exceeds maximum input length (512)',
    'Prompt length 900 is greater than max_seq_len 512',
    'Input length 900 is larger than the model input length limit 512',
    'Total number of tokens 900 exceeds limit',
  ])('"%s" means too long', (message) => expect(exceedsContext(refusal(message))).toBe(true));

  test.each([
    'Monthly token limit exceeded for your plan',
    'Your daily token allowance exceeded the limit',
    'You exceeded your current quota of tokens, please check your plan and billing details',
  ])('"%s" is a limit of the account', (message) => expect(exceedsContext(refusal(message))).toBe(false));

  test('other refusals are no reason to shorten', () => {
    for (const message of ['Bad Request', 'stream error', 'the model does not exist', 'Invalid value: 12345'])
      expect(exceedsContext(refusal(message))).toBe(false);
  });

  test('the text always gets shorter and never empty', () => {
    for (const message of ['context length', ...MESSAGES.map(([, each]) => each)])
      for (const sent of [2, 3, 10])
        expect(fittingCharacters(refusal(message), sent)).toSatisfy(
          (fits: number) => fits >= 1 && fits < sent,
        );
  });
});
