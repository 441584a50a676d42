import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RETRACT } from '../../../../src/call/ports.ts';
import { ThoughtFilter } from '../../../../src/openai/chat/filters/thought-filter.ts';
import { PROPERTY_RUNS } from '../../../support/portions.ts';

/** The text that is left of these pieces; what a retraction concerns is left out. */
function filtered(pieces: readonly string[], thoughtsFirst = false): string {
  const filter = new ThoughtFilter({ thoughtsFirst });
  let text = '';
  for (const part of [...pieces.flatMap((piece) => filter.add(piece)), ...filter.end()])
    text = part === RETRACT ? '' : text + part;
  return text;
}

const ANSWER = 'We are open until six.';

describe('ThoughtFilter', () => {
  test.each([
    ['DeepSeek-R1 behind Ollama', `<think>\nThe caller wants the hours.\n</think>\n\n${ANSWER}`],
    ['no opening tag, as in the templates of R1', `The caller wants the hours.\n</think>\n\n${ANSWER}`],
    ['another name', `<thinking>Hm.</thinking>${ANSWER}`],
    ['capitals', `<THINK>Hm.</THINK>${ANSWER}`],
    ['<reasoning>', `<reasoning>Hm.</reasoning>${ANSWER}`],
    ['Seed-OSS', `<seed:think>Hm.</seed:think>${ANSWER}`],
    ['a name with another prefix', `<mm:think>Hm.</mm:think>${ANSWER}`],
    ['a tag with an attribute', `<think type="x" effort='low'>Hm. 1 < 2 > 1</think>${ANSWER}`],
    ['a tag over two lines', `<thinking\n  depth="2">Hm.</thinking>${ANSWER}`],
    ['tokens with a name', `<|thinking|>Hm.<|/thinking|>${ANSWER}`],
    ['tokens with another end', `<|reasoning|>Hm.<|end_reasoning|>${ANSWER}`],
    ['only the end of a tag with a prefix', `The caller wants the hours.</mm:think>${ANSWER}`],
    ['a thought that another name closes', `<think>Hm.</thinking>${ANSWER}`],
    ['a plan', `<plan>Say the hours.</plan>${ANSWER}`],
    ['a thought in a block of code', `\`\`\`thinking\nHm.\n\`\`\`${ANSWER}`],
    [
      'gpt-oss with the format of its reply',
      `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>${ANSWER}`,
    ],
    ['Magistral', `[THINK]Hm.[/THINK]${ANSWER}`],
    ['Kimi-VL', `◁think▷Hm.◁/think▷${ANSWER}`],
    [
      'gpt-oss',
      `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>${ANSWER}<|return|>`,
    ],
    ['Qwen3 with thinking off', `<think>\n\n</think>\n\n${ANSWER}`],
    ['a tool call (Hermes)', `<tool_call>{"name":"hours"}</tool_call>${ANSWER}`],
    ['tool calls (Mistral)', `[TOOL_CALLS][{"name":"hours"}]\n${ANSWER}`],
    ['the end of the turn (ChatML)', `${ANSWER}<|im_end|>\n<|im_start|>user\nThank you.`],
    ['the end of the turn (Llama 3)', `${ANSWER}<|eot_id|>`],
    ['the end of the turn (Gemma)', `${ANSWER}<end_of_turn>`],
    ['the tokens around a Llama 2 turn', `<s>[INST][/INST]${ANSWER}</s>`],
    // Chat templates on Hugging Face: CohereLabs/command-a-reasoning-08-2025, swiss-ai/Apertus, google/gemma-3n.
    ['Command A', `<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>${ANSWER}<|END_RESPONSE|>`],
    ['Apertus', `<|inner_prefix|>Hm.<|inner_suffix|>${ANSWER}`],
    ['Gemma 3n', `<unused94>thought\nHm.<unused95>${ANSWER}`],
    // open-webui: backend/open_webui/utils/middleware.py
    ['Open WebUI', `<details type="reasoning" done="true"><summary>x</summary>Hm.</details>${ANSWER}`],
    ['tags with blanks', `<think >Hm.</think >${ANSWER}`],
    ['gpt-oss without its tokens (ollama/ollama#11759)', `analysisHm.assistantfinal${ANSWER}`],
    // moonshotai/Kimi-K2-Instruct: docs/tool_call_guidance.md
    [
      'tool calls (Kimi K2)',
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.hours:0<|tool_call_end|><|tool_calls_section_end|>${ANSWER}`,
    ],
    // deepseek-ai/DeepSeek-V3: tokenizer_config.json
    [
      'tool calls and the end of the turn (DeepSeek V3)',
      `<｜tool▁calls▁begin｜>x<｜tool▁calls▁end｜>${ANSWER}<｜end▁of▁sentence｜><｜User｜>What else?`,
    ],
    [
      'tool calls (Llama 3, Claude, MiniMax)',
      `<function=hours>{}</function><function_calls>x</function_calls>${ANSWER}`,
    ],
    ['an unknown token', `<|new_token_1|>${ANSWER}`],
    // vllm: reasoning/granite_reasoning_parser.py
    ['Granite 3.2', `Here is my thought process:\nHm.\nHere is my response:\n${ANSWER}`],
    ['Granite 3.2, short', `Here's my thought process: Hm. Here's my response: ${ANSWER}`],
    // llama.cpp: common/chat-auto-parser (Apriel 1.6)
    [
      'Apriel',
      `Here are my reasoning steps:\nHm.\n[BEGIN FINAL RESPONSE]\n${ANSWER}\n[END FINAL RESPONSE]\n<|end|>`,
    ],
    ['Apriel without its first sentence', `Hm.\n[BEGIN FINAL RESPONSE]\n${ANSWER}`],
    // XNet-NGO/aiope#119, sgl-project/sglang#40236
    [
      'tool calls (DeepSeek V3.2)',
      `<｜DSML｜function_calls>\n<｜DSML｜invoke name="hours">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>${ANSWER}`,
    ],
    ['a tool call (DeepSeek V4)', `<｜DSML｜invoke name="hours">x</｜DSML｜invoke>${ANSWER}`],
    // vllm: tool_parsers/seed_oss_tool_parser.py, longcat_tool_parser.py, jamba_tool_parser.py, functiongemma_tool_parser.py
    ['a tool call (Seed-OSS)', `<seed:tool_call><function=hours></function></seed:tool_call>${ANSWER}`],
    [
      'a tool call (LongCat)',
      `<longcat_tool_call>hours\n<longcat_arg_key>day</longcat_arg_key></longcat_tool_call>${ANSWER}`,
    ],
    ['tool calls (Jamba)', `<tool_calls>[{"name": "hours"}]</tool_calls>${ANSWER}`],
    [
      'a tool call (FunctionGemma)',
      `<start_function_call>call:hours{day:<escape>1<escape>}<end_function_call>${ANSWER}`,
    ],
    ['a tool call with attributes', `<tool_call id="1">{"name":"hours"}</tool_call>${ANSWER}`],
    ['a compound name', `<internal_thoughts>Hm.</internal_thoughts>${ANSWER}`],
    // meta-llama/llama-models: models/llama4/prompt_format.md; CohereLabs/c4ai-command-r-v01: tokenizer_config.json
    ['the end of the turn (Llama 4)', `${ANSWER}<|eot|><|header_start|>user<|header_end|>\n\nThank you.`],
    [
      'the end of the turn (Command R)',
      `${ANSWER}<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Thank you.`,
    ],
  ])('removes %s, for every split', (_, text) => {
    expect(filtered([text]).trim()).toBe(ANSWER);
    expect(filtered([...text]).trim()).toBe(ANSWER);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
        expect(filtered(ends.map((end, n) => text.slice(ends[n - 1] ?? 0, end))).trim()).toBe(ANSWER);
      }),
      { numRuns: PROPERTY_RUNS / 2 },
    );
  });

  test.each([
    '1 < 2 and 3 > 2.',
    'Use <b>bold</b>.',
    'See [the list].',
    'a <thin line',
    'x<',
    'I think </b> so',
    'my analysis, and the assistant finally asks a lass',
    'a <| b |> c',
    'I [think] so, yes. We are open.',
    'An empty element <think /> has no end.',
    'Here is my number. Here are my hours. He is here.',
    'The <meal_plan> is ready.',
  ])('keeps %j', (text) => {
    expect(filtered([text])).toBe(text);
    expect(filtered([...text])).toBe(text);
  });

  test('a thought that never ends leaves nothing', () => {
    expect(filtered(['Sure. <think>', 'The caller wants', ' the hours.'])).toBe('Sure. ');
    expect(filtered(['<think>The caller wants the hours.'])).toBe('');
  });

  test('where thoughts come first, yields nothing before their end', () => {
    const filter = new ThoughtFilter({ thoughtsFirst: true });
    expect(filter.add('The caller wants ')).toEqual([]);
    expect(filter.add('the hours.</think>')).toEqual([]);
    expect(filter.add(ANSWER)).toEqual([ANSWER]);
    expect(filter.end()).toEqual([]);
  });

  test('where thoughts come first but do not come, the text is the answer', () => {
    expect(filtered([ANSWER], true)).toBe(ANSWER);
    expect(filtered([`<think>Hm.</think>${ANSWER}`], true)).toBe(ANSWER);
  });

  test('tells whether words were retracted', () => {
    const retracts = (text: string) => {
      const filter = new ThoughtFilter();
      filter.add(text);
      return filter.retracted;
    };
    expect(retracts('Hm.</think>Yes.')).toBe(true);
    expect(retracts('\n</think>Yes.')).toBe(false);
    expect(retracts('<think>Hm.</think>Yes.')).toBe(false);
  });

  test('gives the same text for every split of any text', () => {
    const token = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('<think>', '</think>', '[THINK]', '<|im_end|>', '<', '[', '</s>', '<|', '\n'),
    );
    fc.assert(
      fc.property(fc.array(token), (tokens) => {
        const whole = tokens.join('');
        expect(filtered([...whole])).toBe(filtered([whole]));
        expect(filtered(tokens)).toBe(filtered([whole]));
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('struck text in HTML does not end the turn', () => {
    expect(filtered([...'It costs <s>50</s> 40 euros now.'])).toBe('It costs 50 40 euros now.');
  });
});
