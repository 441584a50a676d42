/** An answer on the telephone is short; thoughts are longer. */
const MAX_CHARACTERS = 600;
/** How thoughts begin, and what only they have: the caller in the third person, and the instructions. */
const THOUGHT_BEGIN =
  /^(?:okay|ok|alright|all right|hmm*|let me|let's|we (?:need|have|should|must)|i (?:need|have|should|must) to|i (?:should|must)|first|so|now|wait|got it|嗯|好的，|首先|我需要|我应该)(?![\p{L}])/iu;
const ABOUT_CALLER =
  /\b(?:the|this) (?:user|caller|customer|question|system prompt|instructions?)\b|用户|系统提示|\bder (?:Anrufer|Nutzer|Benutzer)\b|\bl['’](?:utilisateur|appelant)\b|\bel usuario\b/iu;

/**
 * The text of a model's thoughts, if it is the answer: parsers of thoughts take everything for a thought when the model does not
 * think (vllm-project/vllm#19839, #19222, #17609; QwenLM/Qwen3#1297). Undefined if they are thoughts.
 */
export function misplacedAnswer(thoughts: string): string | undefined {
  const text = thoughts.trim();
  const isThought = text.length > MAX_CHARACTERS || THOUGHT_BEGIN.test(text) || ABOUT_CALLER.test(text);
  return isThought || !/\p{L}/u.test(text) ? undefined : text;
}
