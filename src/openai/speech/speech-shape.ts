import { type LearnedProfile, SPEECH_FORMATS, type SpeechFormat } from '../server/server-profiles.ts';
import type { ShapeRefusal } from '../server/service-client.ts';

/** Refusals that probably concern the format of the audio. */
const FORMAT_WORDING = /format|codec|encod|container|ffmpeg|not (supported|implemented)/iu;
/** What a failure of the server itself has to name: "'latin-1' codec can't encode" is none of the audio. */
const AUDIO_WORDING = /\b(?:audio|output|file|ffmpeg|encoder)\b/iu;
/** Nothing of the format: another one is refused, too. */
const NOT_FORMAT =
  /\bvoice\b|\bmodel\b|quota|billing|api.?key|\binput\b.*(long|empty|punctuation)|punctuation/iu;
const SHAPE_STATUS = [400, 406, 415, 422, 501];
/** `pcm16` is what Gemini's speech models call it. */
const FORMAT_NAMES = new RegExp(`\\b(${SPEECH_FORMATS.join('|')})(?:16)?\\b`, 'giu');

/** Which audio format a speech server is asked for: `wav` first, then what its refusals name, then each other one. */
export class SpeechShape {
  readonly #profile: LearnedProfile;
  /** Formats that a refusal without a reason concerned; learned when another one is accepted. */
  #suspected: SpeechFormat[] = [];
  #named: readonly SpeechFormat[] = [];

  constructor(profile: LearnedProfile) {
    this.#profile = profile;
  }

  /** Undefined: the field is omitted, because every format was refused. */
  get format(): SpeechFormat | undefined {
    const left = SPEECH_FORMATS.filter((format) => !this.#refused.includes(format));
    const known = this.#profile.value.speechFormat;
    return (
      left.find((format) => this.#named.includes(format)) ?? left.find((one) => one === known) ?? left[0]
    );
  }

  /** Changes the format after a refusal. False if the refusal does not concern it, or if no other format is left. */
  adapt({ status, param, message }: ShapeRefusal): boolean {
    const { format } = this;
    const isShape = status === undefined || SHAPE_STATUS.includes(status);
    if (format === undefined || !(isShape || status === 500)) return false;
    const names = [...message.matchAll(FORMAT_NAMES)].map(([, name]) => name!.toLowerCase() as SpeechFormat);
    const others = names.filter((name) => name !== format);
    const isNamed =
      param === 'response_format' || /response_?format/iu.test(message) || (isShape && others.length > 0);
    const isProbable =
      FORMAT_WORDING.test(message) && !NOT_FORMAT.test(message) && (isShape || AUDIO_WORDING.test(message));
    const isPossible = isShape && status !== undefined && !NOT_FORMAT.test(message);
    if (!isNamed && !isProbable && !isPossible) return false;
    this.#named = others;
    if (isNamed) this.#refuse([format]);
    else this.#suspected = [...this.#suspected, format];
    return true;
  }

  /** The server's audio for the current format cannot be decoded. False if no other format is left. */
  unreadable(): boolean {
    const { format } = this;
    if (format === undefined) return false;
    this.#refuse([format]);
    return true;
  }

  /** Audio arrived and was decoded: what was suspected is true. */
  accepted(): void {
    const { format } = this;
    if (this.#suspected.length > 0) this.#refuse(this.#suspected);
    this.#suspected = [];
    if (format !== undefined && this.#refused.length > 0) this.#profile.learn({ speechFormat: format });
  }

  get #refused(): readonly SpeechFormat[] {
    return [...(this.#profile.value.refusedFormats ?? []), ...this.#suspected];
  }

  #refuse(formats: readonly SpeechFormat[]): void {
    const known = this.#profile.value.refusedFormats ?? [];
    this.#profile.learn({ refusedFormats: [...new Set([...known, ...formats])] });
  }
}
