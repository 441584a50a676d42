import type { LearnedProfile, ServerProfile } from '../server/server-profiles.ts';
import type { ShapeRefusal } from '../server/service-client.ts';
import { SupposedProfile } from '../server/supposed-profile.ts';
import { type ChatMessage, lengthOf } from './chat-messages.ts';
import { exceedsContext, fittingCharacters } from './context-window.ts';

/** Fields of a chat request that it can do without. */
const OPTIONAL_FIELDS = ['reasoning_effort', 'stream'] as const;

export type ChatRoles = 'any' | 'alternating' | 'no-system';

export type OptionalField = (typeof OPTIONAL_FIELDS)[number];

/** Gemma: "System role not supported"; o1-mini: "'messages[0].role' does not support 'system' with this model". */
const NO_SYSTEM =
  /system (role|message|prompt)s? (is |are )?(not|un)|not support[^.]*system|only [^.]*\b(?:user|assistant)\b[^.]*roles? (?:are|is) (?:supported|allowed)|unexpected (message )?role[^.]*system|role 'system'|invalid role[^.]*system|developer instruction is not enabled/iu;
/** vLLM, llama.cpp (template errors with 400 or 500), Anthropic, Mistral, Bedrock, Qwen. */
const TURNS =
  /roles? must alternate|alternat(e|ing)|must start with|first message|last message|expected last role|conversation (must|roles)|consecutive|unexpected role|roles? .*(order|sequence)|no user query|assistant (response )?prefill|system message must be|at the beginning/iu;
/** About something else than the shape: another shape would be refused as well. */
const NOT_SHAPE =
  /content.?(filter|policy)|moderation|responsible.?ai|safety|model_not_found|quota|billing|api.?key/iu;
const SHAPE_STATUS = [400, 422];
/** A field is refused, and not merely mentioned: "stream error", "the stream was closed". */
const REFUSAL =
  /\b(?:not|un)[ -]?(?:supported|support|allowed|permitted|implemented|available|recognized|known|expected)|\b(?:cannot|can't|doesn't|invalid|extra|disabled|must be|only)\b/iu;

/** What a chat request was like. */
export interface SentChat {
  readonly messages: readonly ChatMessage[];
  readonly roles: ChatRoles;
  readonly fields: readonly string[];
  /** The characters of the shortest request: the instructions and the caller's last words. */
  readonly leastCharacters: number;
}

/**
 * The shape of the requests to one chat server: which roles, which fields, how many characters. It starts from the learned profile.
 * What a refusal names is learned at once. Where a refusal names nothing, the shapes are supposed in turn.
 */
export class ChatShape {
  readonly #profile: SupposedProfile;

  constructor(profile: LearnedProfile) {
    this.#profile = new SupposedProfile(profile);
  }

  get roles(): ChatRoles {
    return this.#profile.value.roles ?? 'any';
  }

  get maxCharacters(): number {
    return this.#profile.value.contextCharacters ?? Infinity;
  }

  sends(field: OptionalField): boolean {
    return !this.#profile.refuses('refusedFields', field);
  }

  /** Changes the shape after a refusal of this request. False if no other shape is left. */
  adapt(refusal: ShapeRefusal, sent: SentChat): boolean {
    const { status, message, param, code } = refusal;
    if (status === 401 || status === 403 || status === 404) return false;
    if (exceedsContext(refusal)) return this.#shorten(refusal, sent);
    if (status === 429) return false;
    if (NOT_SHAPE.test(`${code ?? ''} ${message}`)) return false;
    const fields = OPTIONAL_FIELDS.filter((field) => sent.fields.includes(field));
    const named = fields.find((field) => param === field || (mayRefuse(status) && isNamed(field, message)));
    if (named !== undefined) {
      this.#profile.learnRefused('refusedFields', named);
      return true;
    }
    // Another request has changed the shape meanwhile.
    if (sent.roles !== this.roles || fields.some((field) => !this.sends(field))) return true;
    const next = nextRoles(sent);
    if (NO_SYSTEM.test(message) && this.roles !== 'no-system') return this.#learn({ roles: 'no-system' });
    if (TURNS.test(message) && next !== undefined) return this.#learn({ roles: next });
    return status !== undefined && SHAPE_STATUS.includes(status) && this.#suppose(fields, next);
  }

  /** A request failed, and is not sent again. */
  requestFailed(): void {
    this.#profile.requestFailed();
  }

  /** A request of this shape was accepted. */
  accepted(): void {
    this.#profile.confirm();
  }

  #shorten(refusal: ShapeRefusal, { messages, leastCharacters }: SentChat): boolean {
    const characters = lengthOf(messages);
    if (characters <= leastCharacters) return false;
    const fitting = fittingCharacters(refusal, characters);
    // It may have been another limit: learned when the shorter request succeeds.
    this.#profile.suppose({ contextCharacters: Math.max(leastCharacters, fitting) });
    return true;
  }

  #suppose(fields: readonly OptionalField[], next: ReturnType<typeof nextRoles>): boolean {
    const profile = this.#profile;
    const [minor] = fields.filter((field) => field !== 'stream');
    if (minor !== undefined) profile.supposeRefused('refusedFields', minor);
    else if (next !== undefined) profile.suppose({ roles: next });
    else if (fields.includes('stream')) profile.supposeRefused('refusedFields', 'stream');
    else {
      profile.dropSuppositions();
      return false;
    }
    return true;
  }

  #learn(facts: ServerProfile): boolean {
    this.#profile.learn(facts);
    return true;
  }
}

/** The roles to try next; undefined if none are left. Messages that take turns already are not sent again as they are. */
function nextRoles({ roles, messages }: SentChat): 'alternating' | 'no-system' | undefined {
  if (roles === 'no-system') return undefined;
  const takesTurns = messages.slice(1).every(({ role }) => role !== 'system');
  return roles === 'alternating' || takesTurns ? 'no-system' : 'alternating';
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
