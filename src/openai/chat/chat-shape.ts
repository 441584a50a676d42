import type { LearnedProfile, ServerProfile } from '../server/server-profiles.ts';
import type { ShapeRefusal } from '../server/service-client.ts';
import { exceedsContext, fittingCharacters } from './context-window.ts';

/** Fields of a chat request that it can do without. */
const OPTIONAL_FIELDS = ['reasoning_effort', 'stream', 'max_tokens'] as const;

export type OptionalField = (typeof OPTIONAL_FIELDS)[number];

/** Gemma: "System role not supported"; o1-mini: "'messages[0].role' does not support 'system' with this model". */
const NO_SYSTEM =
  /system (role|message|prompt)s? (is |are )?(not|un)|not support[^.]*system|only [^.]*\b(?:user|assistant)\b[^.]*roles? (?:are|is) (?:supported|allowed)|unexpected (message )?role[^.]*system|role 'system'|invalid role[^.]*system|developer instruction is not enabled/iu;
/** vLLM, llama.cpp (template errors with 400 or 500), Anthropic, Mistral, Bedrock, Qwen. */
const TURNS =
  /roles? must alternate|alternat(e|ing)|must start with|first message|last message|expected last role|conversation (must|roles)|consecutive|unexpected role|roles? .*(order|sequence)|no user query|assistant (response )?prefill/iu;
/** Nothing of a request's shape: another shape is refused, too. */
const NOT_SHAPE =
  /content.?(filter|policy)|moderation|responsible.?ai|safety|model_not_found|quota|billing|api.?key/iu;
const SHAPE_STATUS = [400, 422];
/** A field is refused, and not merely mentioned: "stream error", "the stream was closed". */
const REFUSAL =
  /\b(?:not|un)[ -]?(?:supported|support|allowed|permitted|implemented|available|recognized|known|expected)|\b(?:cannot|can't|doesn't|invalid|extra|disabled|must be|only)\b/iu;

/**
 * The shape of the requests to one chat server: which roles, which fields, how many characters. It starts from the learned profile.
 * What a refusal names is learned at once. Where a refusal names nothing, the shapes are tried in turn, and learned only when one
 * succeeds.
 */
export class ChatShape {
  readonly #profile: LearnedProfile;
  #guesses: Partial<ServerProfile> = {};

  constructor(profile: LearnedProfile) {
    this.#profile = profile;
  }

  get roles(): 'any' | 'alternating' | 'no-system' {
    return this.#current.roles ?? 'any';
  }

  get maxCharacters(): number {
    return this.#current.contextCharacters ?? Infinity;
  }

  sends(field: OptionalField): boolean {
    return !this.#current.refusedFields?.includes(field);
  }

  /** Changes the shape after a refusal of a request with these fields and characters. False if no other shape is left. */
  adapt(
    refusal: ShapeRefusal,
    sent: { readonly fields: readonly string[]; readonly characters: number },
  ): boolean {
    const { status, message, param, code } = refusal;
    if (status === 401 || status === 403 || status === 404 || status === 429) return false;
    if (exceedsContext(refusal)) return this.#shorten(refusal, sent.characters);
    if (NOT_SHAPE.test(`${code ?? ''} ${message}`)) return false;
    const sendable = OPTIONAL_FIELDS.filter((field) => sent.fields.includes(field) && this.sends(field));
    const named = sendable.find((field) => param === field || (mayRefuse(status) && isNamed(field, message)));
    if (named !== undefined) {
      this.#profile.learnRefused(named);
      return true;
    }
    if (NO_SYSTEM.test(message) && this.roles !== 'no-system') return this.#learn({ roles: 'no-system' });
    if (TURNS.test(message) && this.roles !== 'no-system') {
      return this.#learn({ roles: this.roles === 'any' ? 'alternating' : 'no-system' });
    }
    return status !== undefined && SHAPE_STATUS.includes(status) && this.#guess(sendable);
  }

  /** A request of this shape was accepted: what was guessed is true. */
  accepted(): void {
    if (Object.keys(this.#guesses).length > 0) this.#learn(this.#guesses);
    this.#guesses = {};
  }

  get #current(): ServerProfile {
    return { ...this.#profile.value, ...this.#guesses };
  }

  #shorten(refusal: ShapeRefusal, characters: number): boolean {
    if (characters < 2) return false;
    return this.#learn({ contextCharacters: fittingCharacters(refusal, characters) });
  }

  #guess(sendable: readonly OptionalField[]): boolean {
    const { roles, refusedFields = [] } = this.#current;
    const [minor] = sendable.filter((field) => field !== 'stream');
    const without = (field: OptionalField) => ({ refusedFields: [...refusedFields, field] });
    if (minor !== undefined) return this.#suppose(without(minor));
    if (roles === undefined) return this.#suppose({ roles: 'alternating' });
    if (roles === 'alternating') return this.#suppose({ roles: 'no-system' });
    return sendable.includes('stream') && this.#suppose(without('stream'));
  }

  #suppose(guess: Partial<ServerProfile>): true {
    this.#guesses = { ...this.#guesses, ...guess };
    return true;
  }

  #learn(facts: Partial<ServerProfile>): boolean {
    this.#profile.learn(facts);
    return true;
  }
}

/** Failures of the network or of an overloaded server say nothing of the request. */
function mayRefuse(status: number | undefined): boolean {
  return status === undefined || status === 501 || (status >= 400 && status < 500) || status === 500;
}

/** Whether a message refuses this field: by its name, `stream` also as "Streaming is not supported". */
function isNamed(field: OptionalField, message: string): boolean {
  if (field !== 'stream') return new RegExp(`\\b${field}\\b`, 'u').test(message);
  return /\bstream(?:ing|ed)?\b/iu.test(message) && REFUSAL.test(message);
}
