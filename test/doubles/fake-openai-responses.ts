import { Resampler } from '../../src/audio/resampler.ts';
import { startsLikeWav } from '../../src/audio/wav/wav-header.ts';
import { readWav } from '../../src/audio/wav/wav.ts';
import { recordedSpeech } from '../../src/simulator/fixtures/recorded-speech.ts';
import { TELEPHONE_HZ } from '../../src/audio/telephone.ts';
import { type DiarizedSegment, partsOf } from './fake-diarization.ts';
import { plainWords } from './plain-words.ts';
import type { Scenario } from '../../src/simulator/fixtures/scenario.ts';
import { UtteranceMatcher } from './utterance-matcher.ts';

export interface AnswerOptions {
  /** Scripted calls whose replies and summaries are known (default: none). */
  readonly scenarios?: readonly Scenario[];
  /** Further replies; they go before those of the scenarios. */
  readonly replies?: readonly { readonly to: string; readonly reply: string }[];
  /** The summary, whatever the call. */
  readonly summary?: string;
  /** Texts handed out in this order, before any recognition: for tests with one call. */
  readonly transcriptionsInOrder?: readonly string[];
  /** What is transcribed when nothing known is recognised (default: an empty text). */
  readonly transcriptionOtherwise?: string;
  /** The voice of a text, for `diarized_json` (default: one voice, `A`). */
  readonly speakerOf?: (text: string) => string;
  /** Makes a WAV file of another kind of clip; throws where it cannot (default: WAV alone is understood). */
  readonly decodeClip?: (clip: Uint8Array) => Uint8Array;
  /** What is replied when nothing fits. */
  readonly replyOtherwise?: (lastUserText: string) => string;
}

/** Knows what to answer: which recording was heard, which reply fits, which call was summed up. */
export class FakeOpenAiResponses {
  readonly #options: AnswerOptions;
  readonly #inOrder: string[];
  readonly #scenarios: readonly Scenario[];
  readonly #matcher: UtteranceMatcher;
  readonly #replies: readonly { readonly words: string; readonly reply: string }[];

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.#inOrder = [...(options.transcriptionsInOrder ?? [])];
    this.#scenarios = options.scenarios ?? [];
    const misheard = new Map(
      this.#scenarios.flatMap(({ answers }) => Object.entries(answers.transcriptions)),
    );
    const callers = [...recordedSpeech().values()].filter(({ speaker }) => speaker === 'caller');
    this.#matcher = new UtteranceMatcher(
      callers.map(({ name, text, pcm }) => ({ text: misheard.get(name) ?? text, pcm })),
    );
    const known = [...(options.replies ?? []), ...this.#scenarios.flatMap(({ answers }) => answers.replies)];
    this.#replies = known.map(({ to, reply }) => ({ words: plainWords(to), reply }));
  }

  /** The recording that is recognised in a clip; empty if there is none, or the clip cannot be read. */
  heardIn(clip: Uint8Array): string {
    try {
      return this.#matcher.recognise(this.#samplesOf(clip)) ?? '';
    } catch {
      return '';
    }
  }

  /** Throws when `clip` is no WAV file, and cannot be made one. */
  transcription(clip: Uint8Array): string {
    return this.#textOf(this.#samplesOf(clip));
  }

  /** What is said between the pauses of `clip`, as segments. Throws as `transcription` does. */
  diarization(clip: Uint8Array): DiarizedSegment[] {
    const pcm = this.#samplesOf(clip);
    return partsOf(pcm, TELEPHONE_HZ).flatMap(({ fromMs, toMs }, index) => {
      const text = this.#textOf(pcm.slice(8 * fromMs, 8 * toMs));
      if (text === '') return [];
      const speaker = this.#options.speakerOf?.(text) ?? 'A';
      const times = { start: fromMs / 1_000, end: toMs / 1_000 };
      return [{ type: 'transcript.text.segment', id: `seg_${index}`, ...times, text, speaker }];
    });
  }

  #samplesOf(clip: Uint8Array): Int16Array {
    const { decodeClip } = this.#options;
    const isWav = startsLikeWav(clip) || !decodeClip;
    const { pcm: channels, sampleRateHz } = readWav(isWav ? clip : decodeClip(clip));
    return atTelephoneRate(channels[0] ?? new Int16Array(0), sampleRateHz);
  }

  #textOf(pcm: Int16Array): string {
    return (
      this.#inOrder.shift() ?? this.#matcher.recognise(pcm) ?? this.#options.transcriptionOtherwise ?? ''
    );
  }

  reply(lastUserText: string): string {
    const words = plainWords(lastUserText);
    const exact = this.#replies.find((known) => known.words === words);
    const part = (whole: string, piece: string) => piece !== '' && ` ${whole} `.includes(` ${piece} `);
    const within = this.#replies
      .filter((known) => part(words, known.words))
      .sort((a, b) => words.lastIndexOf(b.words) - words.lastIndexOf(a.words));
    const around = words.includes(' ') ? this.#replies.find((known) => part(known.words, words)) : undefined;
    const found = exact ?? within[0] ?? around;
    if (found) return found.reply;
    return this.#options.replyOtherwise?.(lastUserText) ?? `You said: ${lastUserText}`;
  }

  /** The summary of the scripted call that shares most of its replies with the transcript. */
  summary(transcript: string): string {
    if (this.#options.summary !== undefined) return this.#options.summary;
    const words = plainWords(transcript);
    const shared = (scenario: Scenario) => {
      const said = scenario.answers.replies.flatMap(({ to, reply }) => [to, reply]);
      return said.filter((text) => words.includes(plainWords(text))).length;
    };
    const [best] = [...this.#scenarios].sort((a, b) => shared(b) - shared(a));
    if (best && shared(best) > 0) return best.answers.summary;
    const lines = transcript.split('\n').filter((line) => line.trim() !== '').length;
    return lines === 1 ? 'A call of one line.' : `A call of ${lines} lines.`;
  }
}

/** The recordings that it is compared with are of the telephone's rate. */
function atTelephoneRate(pcm: Int16Array, rateHz: number): Int16Array {
  if (rateHz === 8_000) return pcm;
  const resampler = new Resampler({ fromHz: rateHz, toHz: 8_000 });
  const begun = resampler.process(pcm);
  const rest = resampler.flush();
  resampler.close();
  const all = new Int16Array(begun.length + rest.length);
  all.set(begun);
  all.set(rest, begun.length);
  return all;
}
