import { RETRACT } from '../../../call/ports.ts';
import { JsonReply } from './json-reply.ts';
import { RoleLabels } from './role-labels.ts';
import { ThoughtFilter } from './thought-filter.ts';
import { ToolCallFilter } from './tool-call-filter.ts';

type Part = string | typeof RETRACT;

/** Everything that models write into a reply and that is not part of it: thoughts, objects around it, tool calls, names of speakers. */
export class ReplyFilters {
  readonly #thoughts: ThoughtFilter;
  readonly #json = new JsonReply();
  readonly #toolCalls = new ToolCallFilter();
  readonly #labels = new RoleLabels();

  /** `thoughtsFirst`: as in `ThoughtFilter`. */
  constructor(options: { readonly thoughtsFirst?: boolean | undefined }) {
    this.#thoughts = new ThoughtFilter(options);
  }

  /** True if words came before a closing tag without an opening one. */
  get retracted(): boolean {
    return this.#thoughts.retracted;
  }

  /** True if anything was removed. */
  get removed(): boolean {
    return [this.#thoughts, this.#json, this.#toolCalls, this.#labels].some(({ removed }) => removed);
  }

  /** The text of the reply in this piece; `RETRACT` in it applies to all text before it. */
  add(piece: string): Part[] {
    return this.#reply(this.#thoughts.add(piece));
  }

  /** The text that was held back. */
  end(): Part[] {
    const parts = this.#reply(this.#thoughts.end());
    const last = this.#toolCalls.add(this.#json.end()) + this.#toolCalls.end();
    const rest = this.#labels.add(last) + this.#labels.end();
    return rest === '' ? parts : [...parts, rest];
  }

  #reply(parts: readonly Part[]): Part[] {
    return parts.map((part) => this.#passed(part)).filter((part) => part !== '');
  }

  #passed(part: Part): Part {
    if (part !== RETRACT) return this.#labels.add(this.#toolCalls.add(this.#json.add(part)));
    this.#json.reset();
    this.#toolCalls.reset();
    this.#labels.reset();
    return part;
  }
}
