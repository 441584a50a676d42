import { cutText, isWhole, type RestOfPiece, restOfText } from '../../playback/heard-text.ts';
import type { SpeechOutput } from '../../playback/speech-output.ts';
import type { TextAnchor } from '../../../events/call-events.ts';
import { HEAD_START_BYTES, LEAST_MESSAGE_BYTES } from '../../playback/output-hold.ts';
import type { PieceWords } from '../../playback/piece-words.ts';
import type { Voice } from '../../ports.ts';
import { anchorsFrom } from '../../playback/text-anchors.ts';
import type { CancelRequest } from '../service-calls.ts';
import { asksForAnswer } from '../turn-taking/asking.ts';
import { KeptAudio, totalLength } from './kept-audio.ts';

/** A piece that the caller cut, and where it began in a response. */
export interface CutResponsePiece {
  readonly piece: number;
  readonly fromCharacter: number;
  readonly fromSample: number;
}

/** One sentence of a reply: its text, and how far its speech has come. */
export interface ReplySentence {
  /** After a false interruption: the rest of the sentence. */
  text: string;
  /** The words that the voice spoke, if they are not the text. */
  spoken?: string | undefined;
  /** The request to a speech-to-speech model whose response these words are; they arrive with its audio. */
  readonly request?: number | undefined;
  /** Where `text` begins in the words of the response. */
  fromCharacter: number;
  /** The pieces of the response that the caller cut. */
  readonly cut: CutResponsePiece[];
  /** Where its sentences begin, if it has several. */
  anchors?: readonly TextAnchor[] | undefined;
  /** Audio that arrived before it was this sentence's turn to be sent. */
  early: Uint8Array[];
  /** Audio of the piece that was passed to the output. */
  sent: KeptAudio;
  piece?: number | undefined;
  /** The piece that this sentence continues. */
  continues?: number | undefined;
  /** Audio of the sentence before its current piece, in samples. */
  skipped: number;
  /** Cancels the synthesis; undefined until it was requested. */
  cancel?: CancelRequest;
  /** `arriving`: more audio may come. `failed`: it broke off, or never began. */
  audio: 'arriving' | 'complete' | 'failed';
  /** All of its audio was passed to the output, or there is none. */
  passedOn: boolean;
  /** Resolves the wait of a speech stream for room in the output queue. */
  room?: () => void;
}

/** Audio that is kept of a reply: more than the longest response of a speech-to-speech model (two minutes), which may have arrived before it is sent. */
const MAX_KEPT_BYTES = 1_000_000;
/** A "yes" after so much of the next sentence may still answer a question: people need time to begin. */
const ANSWER_WITHIN_SAMPLES = 16_000;
/** Of a sentence whose audio still arrives, this share at most counts as heard. */
const MAX_SHARE_OF_ARRIVING = 0.9;
/** The same in characters of text, at 15 a second. */
const ANSWER_WITHIN_CHARACTERS = 30;
const SENTENCES = /[^.!?…。！？।؟;]+[.!?…。！？।؟;]*["'”’»)\]]*\s*/gu;

/** `request`: see `ReplySentence`. */
export function newSentence(text: string, request?: number): ReplySentence {
  return {
    text,
    request,
    fromCharacter: 0,
    cut: [],
    early: [],
    sent: new KeptAudio(),
    skipped: 0,
    audio: 'arriving',
    passedOn: false,
  };
}

/**
 * True if audio of the sentence waits, and enough of it to begin: the queue would hold less of it back, and fillers behind it.
 */
export function hasAudioToSend(sentence: ReplySentence, voice: Voice | undefined): boolean {
  const { early, piece, audio } = sentence;
  const bytes = totalLength(early);
  const least = playoutDelayOf(sentence, voice) === undefined ? HEAD_START_BYTES : LEAST_MESSAGE_BYTES;
  return bytes > 0 && (piece !== undefined || audio !== 'arriving' || bytes >= least);
}

/** Undefined: the audio is not that of the voice, or nothing is known of the voice. */
export function playoutDelayOf({ request }: ReplySentence, voice: Voice | undefined): number | undefined {
  return request === undefined ? voice?.playoutDelayMs : undefined;
}

/** Stops the synthesis of a sentence, ends the wait of its stream, and forgets its audio. */
export function dropSentence(sentence: ReplySentence, reason?: 'late'): void {
  sentence.sent.keepLast(0);
  sentence.cancel?.(reason);
  sentence.room?.();
}

/** Forgets audio that was heard long ago. */
export function forgetHeard(sentences: readonly ReplySentence[]): void {
  let room = MAX_KEPT_BYTES;
  for (const { sent } of sentences.toReversed()) {
    sent.keepLast(room);
    room = Math.max(0, room - sent.keptLength);
  }
}

/** Forgets the audio of sentences that were heard whole: it is not sent again. */
export function forgetPlayed(sentences: readonly ReplySentence[], output: SpeechOutput, atMs: number): void {
  for (const sentence of sentences)
    if (sentence.sent.keptLength > 0 && unheardOf(sentence, output, atMs) === undefined)
      sentence.sent.keepLast(0);
}

/** What is known of the current piece's words at its end. */
export function endWords(sentence: ReplySentence): PieceWords {
  const { request, text, anchors } = sentence;
  return request === undefined ? { spoken: spokenWords(sentence) } : { spoken: text, anchors: anchors ?? [] };
}

/** The words that the voice spoke in the current piece, if they are not its text. */
function spokenWords({ spoken, skipped, sent, early }: ReplySentence): string | undefined {
  if (spoken === undefined || skipped === 0) return spoken;
  const samples = skipped + sent.length + totalLength(early);
  return restOfText(spoken, skipped, samples, samples)?.text;
}

/** Whether a part of these sentences is still to be heard. */
export function isUnheard(sentences: readonly ReplySentence[], output: SpeechOutput, atMs: number): boolean {
  return sentences.some((sentence) => unheardOf(sentence, output, atMs) !== undefined);
}

/** Whether the caller was being asked something: in the last sentence that was heard, or just before it. */
export function isAsking(sentences: readonly ReplySentence[], output: SpeechOutput, atMs: number): boolean {
  const heard = sentences.map(({ piece }) => (piece === undefined ? 0 : output.heardSamples(piece, atMs)));
  const last = heard.findLastIndex((samples) => samples > 0);
  if (last < 0) return false;
  const { skipped, text, request } = sentences[last]!;
  if (request !== undefined) return asksAt(text, heardCharacters(sentences[last]!, heard[last]!));
  const isNew = skipped + heard[last]! < ANSWER_WITHIN_SAMPLES;
  return asksForAnswer(text) || (isNew && asksForAnswer(sentences[last - 1]?.text ?? ''));
}

/** Of several sentences, whether the one at this character is a question, or the one before it, whose answer may still come. */
function asksAt(text: string, character: number): boolean {
  let before = '';
  for (const { 0: sentence, index } of text.matchAll(SENTENCES)) {
    const isHere = index + sentence.length > character;
    if (isHere && asksForAnswer(sentence.trim())) return true;
    if (isHere) return character - index < ANSWER_WITHIN_CHARACTERS && asksForAnswer(before);
    before = sentence.trim();
  }
  return asksForAnswer(before);
}

function heardCharacters({ text, sent, audio, anchors }: ReplySentence, heard: number): number {
  const total = audio === 'complete' ? sent.length : undefined;
  return cutText(text, heard, total, sent.length, anchors).heard.length;
}

/** Prepares a sentence to be sent again from the word at which it was cut. */
export function rewind(sentence: ReplySentence, output: SpeechOutput, atMs: number): void {
  if (sentence.piece === undefined) return;
  const rest = unheardOf(sentence, output, atMs);
  if (rest === undefined) {
    sentence.passedOn = true;
    return;
  }
  const { piece, fromCharacter, skipped: fromSample } = sentence;
  sentence.cut.push({ piece, fromCharacter, fromSample });
  sentence.early = [sentence.sent.from(rest.fromSample), ...sentence.early];
  sentence.sent = new KeptAudio();
  sentence.text = rest.text;
  sentence.fromCharacter += rest.fromCharacter;
  const from = { character: rest.fromCharacter, sample: rest.fromSample };
  sentence.anchors = sentence.anchors && anchorsFrom(sentence.anchors, from);
  sentence.spoken = undefined;
  sentence.skipped += rest.fromSample;
  sentence.continues = sentence.piece;
  sentence.piece = undefined;
  sentence.passedOn = false;
}

/** What was not heard of a sentence; undefined if all of it was, or if nothing of it was passed to the output. */
function unheardOf(sentence: ReplySentence, output: SpeechOutput, atMs: number): RestOfPiece | undefined {
  const { piece, sent, early, audio, text, anchors } = sentence;
  if (piece === undefined) return undefined;
  const samples = sent.length + totalLength(early);
  const heard = output.heardSamples(piece, atMs);
  if (audio !== 'arriving' && isWhole(heard, samples)) return undefined;
  const total = audio === 'complete' ? samples : undefined;
  const atLeast = audio === 'arriving' ? samples / MAX_SHARE_OF_ARRIVING : samples;
  return restOfText(spokenWords(sentence) ?? text, heard, total, atLeast, anchors);
}
