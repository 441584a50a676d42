import type { LearnedProfile } from '../server/server-profiles.ts';
import type { ShapeRefusal } from '../server/service-client.ts';
import { SupposedProfile } from '../server/supposed-profile.ts';

/** Fields of a transcription request that it can do without. */
const OPTIONAL_FIELDS = ['language', 'response_format'] as const;
export type TranscriptionField = (typeof OPTIONAL_FIELDS)[number];

const SHAPE_STATUS = [400, 422];
/** The language is refused, and not merely mentioned: "the language model is loading". */
const REFUSAL =
  /\b(?:not|un)[ -]?(?:a valid|valid|supported|support|allowed|permitted|available|recognized|known)|\b(?:invalid|extra|should be|must be|one of|expected|KeyError|no model for)\b/iu;
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
    // Learned for each language: the setting may change.
    return !this.#profile.refuses('refusedFields', this.#learnedName(field));
  }

  /** The optional fields of a request. */
  get fields(): TranscriptionField[] {
    return OPTIONAL_FIELDS.filter((field) => this.sends(field));
  }

  /** Omits the field that a refusal of a request with `sent` concerns. False if it concerns none. */
  adapt({ status, param, message }: ShapeRefusal, sent: readonly TranscriptionField[]): boolean {
    const isShape = status !== undefined && SHAPE_STATUS.includes(status);
    if (!isShape && status !== undefined && ![404, 415, 500, 501].includes(status)) return false;
    const mentioned = (field: TranscriptionField): boolean =>
      this.#concerns(field, message) && (isShape || REFUSAL.test(message));
    const [first] = isShape && !NOT_SHAPE.test(message) ? sent : [];
    const omitted = sent.find((field) => param === field || mentioned(field)) ?? first;
    if (omitted !== undefined) this.#profile.supposeRefused('refusedFields', this.#learnedName(omitted));
    else if (isShape && sent.length === 0) this.#profile.dropSuppositions();
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
    return namesLanguage(message, this.#language ?? '');
  }
}

function namesLanguage(message: string, language: string): boolean {
  return (
    /\blang(uage)?s?\b(?! model)/iu.test(message) || new RegExp(`['"\`]${language}['"\`]`, 'u').test(message)
  );
}

/** Whether a server refuses a request for its language. */
export function refusesLanguage({ status, param, message }: ShapeRefusal, language: string): boolean {
  if (param === 'language') return true;
  return namesLanguage(message, language) && (isShapeStatus(status) || isRefusal(status, message));
}

/** Whether a server refuses a request because it asks for speakers. */
export function refusesSpeakers({ status, param, message }: ShapeRefusal): boolean {
  const isShape = isShapeStatus(status);
  if (SPEAKER_FIELD.test(param ?? '')) return isShape;
  if (SPEAKER_FIELD.test(message)) return isShape || isRefusal(status, message);
  return isShape && !NOT_SHAPE.test(message);
}

const SPEAKER_FIELD = /response_?format|diari[sz]|chunking_?strategy|verbose_json/iu;

function isShapeStatus(status: number | undefined): boolean {
  return status !== undefined && SHAPE_STATUS.includes(status);
}

function isRefusal(status: number | undefined, message: string): boolean {
  return (status === undefined || status === 500 || status === 501) && REFUSAL.test(message);
}
