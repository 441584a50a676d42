import type { LearnedProfile } from '../server/server-profiles.ts';
import type { ShapeRefusal } from '../server/service-client.ts';
import { SupposedProfile } from '../server/supposed-profile.ts';

/** Fields of a transcription request that it can do without. */
const OPTIONAL_FIELDS = ['language', 'response_format'] as const;
export type TranscriptionField = (typeof OPTIONAL_FIELDS)[number];

const SHAPE_STATUS = [400, 422];
/** The language is refused, and not merely mentioned: "the language model is loading". */
const REFUSAL =
  /\b(?:not|un)[ -]?(?:a valid|valid|supported|support|allowed|permitted|available|recognized|known)|\b(?:invalid|extra|should be|must be|one of|expected)\b/iu;
const NOT_SHAPE =
  /quota|billing|api.?key|\bmodel\b.*(not|unknown|exist)|audio (file )?(is )?(too|invalid|corrupt)|decod/iu;

/** Which optional fields a transcription server is sent. */
export class TranscriptionShape {
  readonly #profile: SupposedProfile;
  readonly #language: string | undefined;

  /** `language`: ISO 639-1; undefined: no hint. */
  constructor(profile: LearnedProfile, language: string | undefined) {
    this.#profile = new SupposedProfile(profile);
    this.#language = language;
  }

  sends(field: TranscriptionField): boolean {
    if (field === 'language' && this.#language === undefined) return false;
    // A server that lacks one language may have another one, which the setting names later.
    return !this.#profile.refuses('refusedFields', this.#learnedName(field));
  }

  /** The optional fields of a request. */
  get fields(): TranscriptionField[] {
    return OPTIONAL_FIELDS.filter((field) => this.sends(field));
  }

  /** Omits the field that a refusal of a request with `sent` concerns. False if it concerns none. */
  adapt({ status, param, message }: ShapeRefusal, sent: readonly TranscriptionField[]): boolean {
    const isShape = status !== undefined && SHAPE_STATUS.includes(status);
    if (!isShape && status !== undefined && status !== 500 && status !== 501) return false;
    const mentioned = (field: TranscriptionField): boolean =>
      this.#concerns(field, message) && (isShape || REFUSAL.test(message));
    const [first] = isShape && !NOT_SHAPE.test(message) ? sent : [];
    const omitted = sent.find((field) => param === field || mentioned(field)) ?? first;
    if (omitted !== undefined) this.#profile.supposeRefused('refusedFields', this.#learnedName(omitted));
    else if (isShape && sent.length === 0) this.#profile.reject();
    return omitted !== undefined;
  }

  /** A request failed, and is not sent again. */
  requestFailed(): void {
    this.#profile.requestFailed();
  }

  /** A text arrived. */
  accepted(): void {
    this.#profile.confirm();
  }

  #learnedName(field: TranscriptionField): string {
    return field === 'language' ? `language=${this.#language ?? ''}` : field;
  }

  #concerns(field: TranscriptionField, message: string): boolean {
    if (field === 'response_format') return /response_?format/iu.test(message);
    return (
      /\blang(uage)?s?\b(?! model)/iu.test(message) ||
      new RegExp(`['"\`]${this.#language ?? ''}['"\`]`, 'u').test(message)
    );
  }
}
