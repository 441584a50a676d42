import { RETRACT } from '../../call/ports.ts';

/** Names of elements around thoughts. */
const THOUGHT_NAMES = [
  ...['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reflection', 'scratchpad', 'seed:think'],
  ...['analysis', 'inner_monologue', 'inner_thoughts', 'monologue', 'chain_of_thought'],
] as const;

/** Pairs of tags around a model's thoughts, with the models that write them. Names are matched without regard to case. */
const THOUGHT_TAGS: readonly (readonly [string, string])[] = [
  // DeepSeek-R1, QwQ, Qwen3, and prompts that ask for one of these.
  ...THOUGHT_NAMES.flatMap((name) => [
    [`<${name}>`, `</${name}>`] as const,
    [`<${name} >`, `</${name} >`] as const,
  ]),
  // Magistral.
  ['[think]', '[/think]'],
  // Kimi-VL.
  ['◁think▷', '◁/think▷'],
  // gpt-oss without a parser for its channels.
  ['<|channel|>analysis<|message|>', '<|end|>'],
  ['<|channel|>commentary', '<|end|>'],
  // OpenThinker.
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  // Calls of tools, which offhook does not offer: Hermes and Qwen, Mistral, Llama.
  ['<tool_call>', '</tool_call>'],
  ['<tool_response>', '</tool_response>'],
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
  ['<function_calls>', '</function_calls>'],
  ['<minimax:tool_call>', '</minimax:tool_call>'],
  ['```tool_code', '```'],
  ['```tool_call', '```'],
];

/** Tokens of chat templates that some servers pass on. They carry no words. */
const TEMPLATE_TOKENS: readonly string[] = [
  '<s>',
  '[inst]',
  '[/inst]',
  '<bos>',
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
];

const MAX_TOKEN = 44;
/** Any other token of a chat template: it carries no words. The second form is DeepSeek's. */
const ANY_TOKEN = /^<(?:\|[^<>|\s]{1,40}\||｜[^<>｜\s]{1,40}｜)>/u;
const ANY_TOKEN_BEGUN = /^<(?:\|[^<>|\s]{0,40}\|?|｜[^<>｜\s]{0,40}｜?)$/u;
/** The channels of gpt-oss without their tokens: `analysisThe caller … assistantfinalWe are open.` */
const HARMONY_END = 'assistantfinal';

const CLOSING = new Map(THOUGHT_TAGS);
/** Only these retract the text before them when no opening tag came. */
const CLOSING_TAGS = [
  ...THOUGHT_TAGS.map(([, close]) => close).filter((tag) =>
    /^[<[◁]\/.*(think|thought|reason|reflect|scratch).*[>\]▷]$/u.test(tag),
  ),
  HARMONY_END,
];
const ALL_TAGS = [...CLOSING.keys(), ...CLOSING_TAGS, ...TEMPLATE_TOKENS, ...END_TOKENS];
/** Tags begin with one of these. */
const TAG_START = /[<[◁`]|a(?=ssistantfinal|s{0,2}i?s?t?a?n?t?f?i?n?a?$)/giu;

/**
 * Removes thoughts, tool calls and template tokens from a model's text, which may be split anywhere. A closing tag without an
 * opening one retracts everything before it: the templates of some models (DeepSeek-R1) contain the opening tag.
 */
export class ThoughtFilter {
  /** The text that ends the current thought; undefined outside of thoughts. */
  #closing: string | undefined;
  #held = '';
  #ended = false;
  #isStruck = false;
  /** Text that is supposed to be thoughts, because a closing tag is expected; undefined if none is, or if it has come. */
  #supposedThoughts: string | undefined;
  readonly #seen = { words: false, tags: false, retraction: false };

  /** `thoughtsFirst`: a closing tag without an opening one is expected. If it does not come, all text is the reply. */
  constructor(options: { readonly thoughtsFirst?: boolean | undefined } = {}) {
    if (options.thoughtsFirst) this.#supposedThoughts = '';
  }

  /** True if words came before a closing tag without an opening one. */
  get retracted(): boolean {
    return this.#seen.retraction;
  }

  /** True if anything was removed. */
  get removed(): boolean {
    return this.#seen.tags;
  }

  /** The text of the reply in this piece; `RETRACT` in it applies to all text before it. */
  add(piece: string): (string | typeof RETRACT)[] {
    this.#held += piece;
    return this.#withoutSupposedThoughts(this.#filtered(false));
  }

  /** The text that was held back because a tag could begin in it. */
  end(): (string | typeof RETRACT)[] {
    const parts = this.#withoutSupposedThoughts(this.#filtered(true));
    const all = this.#supposedThoughts;
    this.#supposedThoughts = undefined;
    return all ? [all, ...parts] : parts;
  }

  #withoutSupposedThoughts(parts: (string | typeof RETRACT)[]): (string | typeof RETRACT)[] {
    if (this.#supposedThoughts === undefined) return parts;
    const end = parts.lastIndexOf(RETRACT);
    if (end >= 0) {
      this.#supposedThoughts = undefined;
      return parts.slice(end + 1);
    }
    this.#supposedThoughts += parts.join('');
    return [];
  }

  #filtered(complete: boolean): (string | typeof RETRACT)[] {
    const parts: (string | typeof RETRACT)[] = [];
    while (this.#held !== '' && !this.#ended) {
      const step = this.#closing === undefined ? this.#answer(complete) : this.#thought(this.#closing);
      if (step === undefined) break;
      if (step !== '') parts.push(step);
    }
    if (complete || this.#ended) this.#held = '';
    return parts;
  }

  /** Skips the thought; undefined if its end has not arrived. */
  #thought(closing: string): '' | undefined {
    const at = this.#held.toLowerCase().indexOf(closing);
    if (at < 0) {
      this.#held = this.#held.slice(-closing.length);
      return undefined;
    }
    this.#held = this.#held.slice(at + closing.length);
    this.#closing = undefined;
    return '';
  }

  /** The text before the next tag, or the effect of the tag; undefined if more text is needed. */
  #answer(complete: boolean): string | typeof RETRACT | undefined {
    for (const { index } of this.#held.matchAll(TAG_START)) {
      const rest = this.#held.slice(index, index + LONGEST_TAG).toLowerCase();
      const tag = longestTag(rest) ?? ANY_TOKEN.exec(rest)?.[0];
      const mayGrow =
        !complete &&
        (ALL_TAGS.some((each) => each.length > rest.length && each.startsWith(rest)) ||
          ANY_TOKEN_BEGUN.test(rest));
      if (tag === undefined && !mayGrow) continue;
      if (index > 0) return this.#passed(index);
      if (mayGrow) return undefined;
      return this.#tag(tag!);
    }
    return this.#passed(this.#held.length);
  }

  #passed(length: number): string {
    const text = this.#held.slice(0, length);
    this.#seen.words ||= text.trim() !== '';
    this.#held = this.#held.slice(length);
    return text;
  }

  #tag(tag: string): '' | typeof RETRACT {
    this.#held = this.#held.slice(tag.length);
    this.#seen.tags = true;
    const closing = CLOSING.get(tag);
    if (closing !== undefined) {
      this.#closing = closing;
      // The opening tag came after all: no closing tag without one is expected.
      if (this.#supposedThoughts?.trim() === '') this.#supposedThoughts = undefined;
    }
    if (tag === '<s>') this.#isStruck = this.#seen.words;
    // `<s>50</s>` within words is struck text in HTML; at the start it is a token.
    const endsStruck = tag === '</s>' && this.#isStruck;
    if (endsStruck) this.#isStruck = false;
    else if (END_TOKENS.includes(tag) && closing === undefined) this.#ended = true;
    if (!CLOSING_TAGS.includes(tag)) return '';
    this.#seen.retraction ||= this.#seen.words;
    return RETRACT;
  }
}

const LONGEST_TAG = Math.max(...ALL_TAGS.map((tag) => tag.length), MAX_TOKEN);

function longestTag(text: string): string | undefined {
  const tags = ALL_TAGS.filter((tag) => text.startsWith(tag));
  return tags.sort((a, b) => b.length - a.length)[0];
}
