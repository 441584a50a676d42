import type { Prompt, PromptBook, PromptName } from '../../src/call/dialog/prompts.ts';

/** Every prompt says its own name, for a second. */
export class SpokenPrompts implements PromptBook {
  get(name: PromptName): Prompt {
    return { text: `<${name}>`, mulaw: new Uint8Array(8_000).fill(0x30) };
  }
}
