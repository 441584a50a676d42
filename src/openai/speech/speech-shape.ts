import { type LearnedProfile, SPEECH_FORMATS, type SpeechFormat } from '../server/server-profiles.ts';
import type { ShapeRefusal } from '../server/service-client.ts';
import { SupposedProfile } from '../server/supposed-profile.ts';

/** Refusals that probably concern the format of the audio. */
const FORMAT_WORDING = /format|codec|encod|container|ffmpeg|unsupported output|not (supported|implemented)/iu;
/** What a failure of the server itself has to name: "'latin-1' codec can't encode" is not about the audio. */
const AUDIO_WORDING = /\b(?:audio|output|file|ffmpeg|encoder)\b/iu;
/** About something else than the format: another format would be refused as well. */
const NOT_FORMAT =
  /\bvoice\b|\bmodel\b|quota|billing|credit|balance|funds|payment|api.?key|\binput\b.*(long|empty|punctuation)|punctuation/iu;
const SHAPE_STATUS = [400, 406, 415, 422, 501];
/** `pcm16` is what Gemini's speech models call it. */
const FORMAT_NAMES = new RegExp(`\\b(${SPEECH_FORMATS.join('|')})(?:16)?\\b`, 'giu');

/** Which audio format a speech server is asked for: `wav` first, then what its refusals name, then each other one. */
export class SpeechShape {
  readonly #profile: SupposedProfile;
  #named: readonly SpeechFormat[] = [];
  /** Formats whose audio could not be decoded. It may have been one damaged response: learned when another format succeeds. */
  readonly #undecodable = new Set<SpeechFormat>();
  /** Formats whose audio was decoded: a damaged response says nothing of them. */
  readonly #decoded = new Set<SpeechFormat>();

  constructor(profile: LearnedProfile) {
    this.#profile = new SupposedProfile(profile);
  }

  /** Undefined: the field is omitted, because every format was refused. */
  get format(): SpeechFormat | undefined {
    const left = SPEECH_FORMATS.filter(
      (format) => !this.#undecodable.has(format) && !this.#profile.refuses('refusedFormats', format),
    );
    const known = this.#profile.value.speechFormat;
    return (
      left.find((format) => this.#named.includes(format)) ?? left.find((one) => one === known) ?? left[0]
    );
  }

  /**
   * Changes the format after a refusal of a request with `format`. False if the refusal does not concern it, or if no other format
   * is left.
   */
  adapt({ status, param, message }: ShapeRefusal, format: SpeechFormat | undefined): boolean {
    const isMissingFormat = status === 404 && /\bformat\b/iu.test(message) && !NOT_FORMAT.test(message);
    const isShape = status === undefined || SHAPE_STATUS.includes(status) || isMissingFormat;
    if (!(isShape || status === 500)) return false;
    const names = [...message.matchAll(FORMAT_NAMES)].map(([, name]) => name!.toLowerCase() as SpeechFormat);
    const others = names.filter((name) => name !== format);
    const isNamed =
      param === 'response_format' || /response_?format/iu.test(message) || (isShape && others.length > 0);
    // "model m does not support wav", "Unknown format: 'wav'"
    const namesAsked = names.length > others.length && (isShape || /format/iu.test(message));
    const isProbable =
      FORMAT_WORDING.test(message) && !NOT_FORMAT.test(message) && (isShape || AUDIO_WORDING.test(message));
    const isPossible = isShape && status !== undefined && !NOT_FORMAT.test(message);
    if (!isNamed && !namesAsked && !isProbable && !isPossible) return false;
    if (format === undefined) return this.#retryUndecodable();
    this.#named = others;
    if (isNamed) this.#profile.learnRefused('refusedFormats', format);
    else this.#profile.supposeRefused('refusedFormats', format);
    return true;
  }

  /** A request failed, and is not sent again. */
  requestFailed(): void {
    this.#profile.requestFailed();
  }

  /** The server's audio for this format could not be decoded. False if no other format is left. */
  markUndecodable(format: SpeechFormat | undefined): boolean {
    if (format === undefined) return this.#retryUndecodable();
    if (this.#decoded.has(format)) return false;
    this.#undecodable.add(format);
    return true;
  }

  /** Audio arrived and was decoded. */
  accepted(format: SpeechFormat | undefined): void {
    this.#profile.confirm();
    if (format !== undefined) {
      this.#undecodable.delete(format);
      this.#decoded.add(format);
    }
    if (this.#undecodable.size > 0) this.#profile.learnRefused('refusedFormats', ...this.#undecodable);
    this.#undecodable.clear();
    const hasRefused = this.#profile.refused('refusedFormats').length > 0;
    if (format !== undefined && hasRefused) this.#profile.learn({ speechFormat: format });
  }

  /** Formats that were undecodable once are asked for again; without any, the refusals concern something else. */
  #retryUndecodable(): boolean {
    const hadUndecodable = this.#undecodable.size > 0;
    this.#undecodable.clear();
    if (!hadUndecodable) this.#profile.dropSuppositions();
    return hadUndecodable;
  }
}
