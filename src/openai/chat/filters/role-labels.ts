import { TextFilter } from './text-filter.ts';

/** Marks around a label: `**User:**`, `### User:` (Vicuna), `<human>:` (GPT-NeoXT). */
const BEFORE = String.raw`(?:\*\*|#{1,4}[ \t]*|<)?`;
const AFTER = String.raw`(?:\*\*|>)?:(?:\*\*)?[ \t]*`;
const OWN_NAMES = [
  'assistant',
  'ai',
  'bot',
  'chatbot',
  'agent',
  'receptionist',
  'operator',
  'representative',
];
const OTHER_NAMES = ['user', 'human', 'caller', 'customer'];
/** The label of the reply itself, at its start. */
const OWN_LABEL = new RegExp(String.raw`^\s*${BEFORE}(?:${OWN_NAMES.join('|')})${AFTER}`, 'iu');
/** The label of a line in the caller's place: what follows is not part of the reply. */
const OTHER_LABEL = new RegExp(String.raw`\n[ \t]{0,8}${BEFORE}(?:${OTHER_NAMES.join('|')})${AFTER}`, 'iu');
/** A label that is not complete at the end of the text: the beginning of a name, or a name and the marks after it. */
const PART_OF_LABEL = /^[ \t]{0,8}(?:[*#<]{1,4}[ \t]?)?([a-z]{0,14})([*>]{0,2}:?\*{0,2}|:\*{0,2}[ \t]+)$/iu;
const MAX_LABEL = 40;

/**
 * Removes the names of speakers from a reply. Models without a chat template of their own write a dialogue: `Assistant: …`, and then
 * `User: …` in the caller's place. The text may be split anywhere.
 */
export class RoleLabels extends TextFilter {
  #isAtStart = true;
  #hasEnded = false;

  override reset(): void {
    super.reset();
    this.#isAtStart = true;
    this.#hasEnded = false;
  }

  protected override passed(complete: boolean): string {
    if (this.#hasEnded) return '';
    if (this.#isAtStart) {
      if (!complete && isPartOfLabel(this.held.text.trimStart(), OWN_NAMES)) return '';
      this.#isAtStart = this.held.text === '';
      this.remove(OWN_LABEL.exec(this.held.text)?.[0].length ?? 0);
    }
    const other = OTHER_LABEL.exec(this.held.text);
    if (other) {
      this.#hasEnded = true;
      const reply = this.held.take(this.held.text.slice(0, other.index).trimEnd().length);
      this.remove(this.held.text.length);
      return reply;
    }
    return this.held.take(complete ? this.held.text.length : endOfCertainty(this.held.text));
  }
}

function isPartOfLabel(text: string, names: readonly string[]): boolean {
  if (text.length > MAX_LABEL) return false;
  const [, name, after] = PART_OF_LABEL.exec(text.toLowerCase()) ?? [];
  if (name === undefined) return false;
  return names.some((one) => (after === '' ? one.startsWith(name) : one === name));
}

/** The position up to which no label can begin: the blanks before the last line, if that may be a label. */
function endOfCertainty(text: string): number {
  const line = text.lastIndexOf('\n');
  if (line < 0 || !isPartOfLabel(text.slice(line + 1), OTHER_NAMES)) return text.length;
  return text.slice(0, line).trimEnd().length;
}
