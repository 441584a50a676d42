/** Names of elements around thoughts: DeepSeek-R1, QwQ, Qwen3, and prompts that ask for one of these. */
const THOUGHT_NAMES = [
  ...['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reflection', 'scratchpad', 'plan', 'reason'],
  ...[
    'scratch_pad',
    'thought_process',
    'inner_thought',
    'analysis',
    'inner_monologue',
    'inner_thoughts',
    'monologue',
    'chain_of_thought',
  ],
] as const;

/** vllm: reasoning/granite_reasoning_parser.py */
const RESPONSE_MARKS = ['here is my response:', "here's my response:"] as const;

/** Other tags around a model's thoughts and their ends, with the models that write them. All are in lower case. */
const FIXED_TAGS: readonly (readonly [string, ...string[]])[] = [
  // Granite 3.2 and Apriel mark their thoughts with sentences.
  ['here is my thought process:', ...RESPONSE_MARKS],
  ["here's my thought process:", ...RESPONSE_MARKS],
  ['here are my reasoning steps:', '[begin final response]'],
  // Magistral.
  ['[think]', '[/think]'],
  // Kimi-VL.
  ['◁think▷', '◁/think▷'],
  // gpt-oss without a parser for its channels.
  ['<|channel|>analysis<|message|>', '<|end|>'],
  ['<|channel|>commentary', '<|end|>'],
  // OpenThinker.
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  // Calls of tools, which offhook does not offer: Mistral, Llama.
  ['[tool_calls]', '\n'],
  ['<|python_tag|>', '<|eom_id|>'],
  // Command A (Cohere), Apertus, Gemma 3n, Open WebUI, gpt-oss in LM Studio.
  ['<|start_thinking|>', '<|end_thinking|>'],
  ['<|start_action|>', '<|end_action|>'],
  ['<|inner_prefix|>', '<|inner_suffix|>'],
  ['<|tools_prefix|>', '<|tools_suffix|>'],
  ['<unused94>thought', '<unused95>'],
  ['<details type="reasoning"', '</details>'],
  ['<|channel>thought', '<channel|>'],
  // Calls of tools: Kimi K2, DeepSeek V3, Llama 3, Claude, MiniMax, Gemini.
  ['<|tool_calls_section_begin|>', '<|tool_calls_section_end|>'],
  ['<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'],
  ['<function=', '</function>'],
  ['<function name=', '</function>'],
  // FunctionGemma, Gemma 4, LFM2, Kimi K2 and DeepSeek V3 without a list, Step 3, InternLM 2.
  ['<start_function_call>', '<end_function_call>'],
  ['<|tool_call>', '<tool_call|>'],
  ['<|tool_call_start|>', '<|tool_call_end|>'],
  ['<|tool_call_begin|>', '<|tool_call_end|>'],
  ['<｜tool▁call▁begin｜>', '<｜tool▁call▁end｜>'],
  ['<｜tool_calls_begin｜>', '<｜tool_calls_end｜>'],
  ['<|action_start|>', '<|action_end|>'],
  ['<invoke', '</invoke>'],
  ['functools[', '}]'],
  ['```thinking', '```'],
  ['```thought', '```'],
  ['```reasoning', '```'],
  ['```tool_code', '```'],
  ['```tool_call', '```'],
];

/** Tokens of chat templates that some servers pass on. They carry no words. */
const TEMPLATE_TOKENS: readonly string[] = [
  '<s>',
  '[inst]',
  '[/inst]',
  '<bos>',
  '<pad>',
  '<unk>',
  '<start_of_turn>model',
  '<|im_start|>assistant',
  '<|start_header_id|>assistant<|end_header_id|>',
  '<|begin_of_text|>',
  '<|assistant|>',
  '<|start|>assistant',
  '<|channel|>final<|message|>',
  '<|begin_of_solution|>',
  '<|end_of_solution|>',
  '<answer>',
  '</answer>',
];

/** Tokens that end the model's turn. What follows is not part of the reply; some models continue with the caller's words. */
const END_TOKENS: readonly string[] = [
  '</s>',
  '<eos>',
  '<end_of_turn>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|return|>',
  '<|end|>',
  '<|user|>',
  '<|im_start|>user',
  '<｜end▁of▁sentence｜>',
  '<｜user｜>',
  // Llama 4, Command R, Gemma 4, Apriel.
  '<|eot|>',
  '<|end_of_turn_token|>',
  '<turn|>',
  '<|turn>user',
  '<|begin_user|>',
  '[end final response]',
];

/** Any other token of a chat template: it carries no words. The second form is DeepSeek's. */
const ANY_TOKEN = /^<(?:\|[^<>|\s]{1,40}\||｜[^<>｜\s]{1,40}｜)>/u;
const ANY_TOKEN_BEGUN = /^<(?:\|[^<>|\s]{0,40}\|?|｜[^<>｜\s]{0,40}｜?)$/u;
/** The channels of gpt-oss without their tokens: `analysisThe caller … assistantfinalWe are open.` */
const HARMONY_END = 'assistantfinal';

/** `<thinking_process>`, `<internal_thoughts>`, `<reasoning_content>` */
const COMPOUND_NAMES = String.raw`(?!start_|begin_|end_)[a-z]{1,12}_(?:think|thinking|thoughts?|reasoning)|(?:think|thinking|thought|reasoning)_(?:process|content|steps)`;
const NAMES = `${THOUGHT_NAMES.join('|')}|${COMPOUND_NAMES}`;
/** Elements around calls of tools and their results; Seed-OSS, MiniMax and LongCat put a name before these. */
const CALL_NAMES = 'tool_calls?|function_calls?|tool_responses?|tool_results?|function_results?';
/** `<think>`, `<seed:think>`, `<mm:think>`, `<think type="x">`, `<|thinking|>` */
const OPENING = new RegExp(`^<(\\|?)((?:[a-z]{1,12}:)?(?:${NAMES}))(?:\\s[^<>]{0,200})?(\\|?)(?<!/)>`, 'u');
/** `<tool_calls>`, `<longcat_tool_call>`; DeepSeek V3.2 puts a token before the names, and V4 leaves elements around them out. */
const CALL = new RegExp(
  `^<((?:[a-z]{1,12}[:_])?(?:${CALL_NAMES})|｜dsml｜(?:${CALL_NAMES}|invoke))(?:\\s[^<>]{0,200})?(?<!/)>`,
  'u',
);
/** `</think>`, `</mm:think >`, `<|/thinking|>` */
const CLOSING = new RegExp(`^<(?:/|\\|/|/\\|)(?:[a-z]{1,12}:)?(?:${NAMES})\\s?\\|?>`, 'u');
/** The start of one of these: a whole name before attributes, or a part of one. */
const BEGUN = new RegExp(
  `^<(?:[/|]{0,2}(?:[a-z]{0,12}|(?:[a-z]{1,12}[:_])?(?:[a-z_]{0,20}|(?:${NAMES}|${CALL_NAMES})\\s[^<>]{0,200}))\\|?|｜dsml｜[^<>]{0,200})$`,
  'u',
);

/** gpt-oss names the format of the reply in the channel: `<|channel|>final <|constrain|>text<|message|>`. */
const FINAL_CHANNEL = /^<\|channel\|>final[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>/u;
const FINAL_CHANNEL_BEGUN =
  /^<\|channel\|>final[^<]{0,40}(?:<(?:\|(?:c[a-z]{0,8}\|?|m[a-z]{0,6}\|?)?)?|<\|constrain\|>[^<]{0,40}(?:<[|a-z]{0,9})?)?$/u;

const FIXED = new Map(FIXED_TAGS.map(([tag, ...endings]) => [tag, endings]));
/** Only these and `CLOSING` retract the text before them when no opening tag came. */
const FIXED_CLOSING = ['[/think]', '◁/think▷', '[begin final response]', HARMONY_END];
const ALL_FIXED = [...FIXED.keys(), ...FIXED_CLOSING, ...TEMPLATE_TOKENS, ...END_TOKENS];
/** The longest text that a tag may have. */
export const LONGEST_TAG = 280;
/** Tags begin with one of these. */
export const TAG_START = /[<[◁`]|a(?=ssistantfinal|s{0,2}i?s?t?a?n?t?f?i?n?a?$)|\bh(?=ere\b|er?$|$)/giu;

/** A tag at the start of a text. */
export interface ThoughtTag {
  readonly length: number;
  /** - `thought`: what follows, up to one of `endings`, is not spoken. - `retraction`: what came before it were thoughts.
   * - `end`: the turn ends. - `struck` and `struck-end`: a token, or HTML's mark of struck text. - `token`: it carries no words. */
  readonly kind: 'thought' | 'retraction' | 'end' | 'struck' | 'struck-end' | 'token';
  readonly endings: readonly string[];
}

/** The tag at the start of a text; `more`: it may become one, or a longer one. */
export function readThoughtTag(written: string): ThoughtTag | 'more' | undefined {
  if (mayGrow(written)) return 'more';
  return readCompleteTag(written);
}

/** The same for a text that is complete. */
export function readCompleteTag(written: string): ThoughtTag | undefined {
  const text = written.toLowerCase();
  const opening = OPENING.exec(text);
  if (opening !== null && opening[1] === opening[3])
    return { length: opening[0].length, kind: 'thought', endings: endingsOf(opening[2]!, opening[1] !== '') };
  const closing = CLOSING.exec(text);
  if (closing !== null) return { length: closing[0].length, kind: 'retraction', endings: [] };
  const final = FINAL_CHANNEL.exec(text)?.[0];
  if (final !== undefined) return { length: final.length, kind: 'token', endings: [] };
  const fixed = ALL_FIXED.filter((tag) => text.startsWith(tag)).sort((a, b) => b.length - a.length)[0];
  if (fixed !== undefined && isWritten(fixed, written)) return fixedTag(fixed);
  const call = CALL.exec(text);
  if (call !== null) return { length: call[0].length, kind: 'thought', endings: [`</${call[1]!}>`] };
  const token = ANY_TOKEN.exec(text)?.[0];
  return token === undefined ? undefined : { length: token.length, kind: 'token', endings: [] };
}

/** `[think]` in small letters is a word in brackets: Mistral's tokens have capitals. */
function isWritten(tag: string, written: string): boolean {
  return !tag.startsWith('[') || written.startsWith(tag.toUpperCase());
}

function mayGrow(written: string): boolean {
  const text = written.toLowerCase();
  return (
    BEGUN.test(text) ||
    FINAL_CHANNEL_BEGUN.test(text) ||
    ANY_TOKEN_BEGUN.test(text) ||
    ALL_FIXED.some((tag) => tag.length > text.length && tag.startsWith(text) && mayBeWritten(tag, written))
  );
}

function mayBeWritten(tag: string, written: string): boolean {
  return !tag.startsWith('[') || tag.toUpperCase().startsWith(written);
}

function endingsOf(name: string, isToken: boolean): string[] {
  // Some models close a thought by another name: `<think>…</thinking>`.
  if (!isToken) return [`</${name}>`, `</${name} >`, ...THOUGHT_NAMES.map((each) => `</${each}>`)];
  return [`<|/${name}|>`, `</|${name}|>`, `<|end_${name}|>`, `<|end_of_${name}|>`, `</${name}>`];
}

function fixedTag(tag: string): ThoughtTag {
  const { length } = tag;
  const endings = FIXED.get(tag);
  if (endings !== undefined) return { length, kind: 'thought', endings };
  if (FIXED_CLOSING.includes(tag)) return { length, kind: 'retraction', endings: [] };
  if (tag === '<s>') return { length, kind: 'struck', endings: [] };
  if (tag === '</s>') return { length, kind: 'struck-end', endings: [] };
  return { length, kind: END_TOKENS.includes(tag) ? 'end' : 'token', endings: [] };
}
