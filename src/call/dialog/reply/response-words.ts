import type { TextAnchor } from '../../../events/call-events.ts';
import type { SpeechOutput } from '../../playback/speech-output.ts';
import { anchorsFrom } from '../../playback/text-anchors.ts';
import { totalLength } from './kept-audio.ts';
import type { ReplySentence } from './reply-sentence.ts';

/** A response of a speech-to-speech model on its way into a reply. */
export interface SpokenResponse {
  /** A returned promise pauses the response until there is room. */
  audio(mulaw: Uint8Array): void | Promise<void>;
  /** All words so far. */
  words(text: string): void;
  /** All audio has arrived. `text`: all words; `anchors`: where their sentences begin. */
  complete(text: string, anchors: readonly TextAnchor[]): void;
  /** No more audio arrives. */
  failed(): void;
}

/** More words of a response are known. `text`: all so far. */
export function changeWords(sentence: ReplySentence, text: string, output: SpeechOutput, atMs: number): void {
  sentence.text = text.slice(sentence.fromCharacter);
  if (sentence.piece !== undefined) output.words(sentence.piece, sentence.text, atMs);
  for (const { piece, fromCharacter } of sentence.cut) output.words(piece, text.slice(fromCharacter), atMs);
}

/** All words and audio of a response are known, and so is how much was heard of the pieces of it that were cut. */
export function completeWords(
  sentence: ReplySentence,
  { text, anchors }: { readonly text: string; readonly anchors: readonly TextAnchor[] },
  output: SpeechOutput,
  atMs: number,
): void {
  const { cut, fromCharacter, skipped, sent, early } = sentence;
  sentence.text = text.slice(fromCharacter);
  sentence.anchors = anchorsFrom(anchors, { character: fromCharacter, sample: skipped });
  const samples = skipped + sent.length + totalLength(early);
  for (const { piece, fromCharacter: character, fromSample: sample } of cut) {
    const own = anchorsFrom(anchors, { character, sample });
    output.cutWords(piece, { text: text.slice(character), samples: samples - sample, anchors: own }, atMs);
  }
}
