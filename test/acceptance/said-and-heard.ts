import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import type { RequestSeen } from '../doubles/fake-openai-options.ts';
import { GAP_MS, SPEECH_RATE_HZ, spokenText } from '../doubles/spoken-text.ts';
import { piecesOf } from '../support/heard-pieces.ts';
import type { PlayedVariant } from './run-variants.ts';

/** A reply that was cut off: as the files have it, as it was written, and as it was really heard. */
export interface CutReply {
  readonly line: string;
  readonly unheard: string;
  /** Heard and unheard together, and the reply as the chat model wrote it. */
  readonly whole: string;
  readonly written: string;
  /** Words in the transcript less the words that Twilio played. */
  readonly wordsOff: number;
}

/** What a caller hears who waits, on a machine that has too much to do. */
const FILLERS = ['One moment, please.', 'Let me see.'];

/** The words of every turn as they stand in the transcript, without their times. */
function transcriptLinesOf({ offhook, report }: PlayedVariant): string[] {
  const lines = offhook.transcript(report.callSid).trim().split('\n');
  return lines.map((line) => line.replace(/^\[\d+:\d\d\.\d{3}\] /, ''));
}

/** What the assistant was heard to say, each reply as one. */
export function assistantLines(played: PlayedVariant): string[] {
  return transcriptLinesOf(played).flatMap((line) => /^Assistant: (.*)$/.exec(line)?.[1] ?? []);
}

/** What the caller said and what stands in the transcript; and heard replies that are not where they belong. */
export function spokenWords(played: PlayedVariant) {
  const { scenario } = played.variant;
  const lines = transcriptLinesOf(played);
  const caller = lines.flatMap((line) => /^Caller: (.*)$/.exec(line)?.[1] ?? []);
  const callerSaid = scenario.steps.flatMap((step) =>
    step.do === 'speak' ? [recordedSpeechOf(step.audio).text] : [],
  );
  const assistantOutOfOrder = lines.filter((line, i) => {
    const [, asked] = /^Caller: (.*)$/.exec(lines[i - 1] ?? '') ?? [];
    const reply = scenario.answers.replies.find(({ to }) => to === asked)?.reply;
    const [, said] = /^Assistant: (.*?)(?: —)?$/.exec(line) ?? [];
    const isFiller = said !== undefined && FILLERS.includes(said);
    return reply !== undefined && said !== undefined && !isFiller && !reply.startsWith(said);
  });
  return { caller, callerSaid, assistantOutOfOrder };
}

/** The replies of a call that were cut off, by an interruption or with the stream. */
export function cutReplies(played: PlayedVariant): CutReply[] {
  const { offhook, report, variant } = played;
  const turns = offhook.json(report.callSid).turns.filter(({ cut, text }) => cut && text);
  return turns.map((turn) => {
    const heard = turn.text ?? '';
    const written =
      variant.scenario.answers.replies.find(({ reply }) => reply.startsWith(heard))?.reply ?? '';
    const heardMs = variant.resumes
      ? soundMs(played, turn.startMs, turn.endMs)
      : playedMs(played, turn.startMs);
    return {
      line: assistantLines(played).find((line) => line.startsWith(heard)) ?? '',
      unheard: turn.unheard ?? '',
      whole: `${heard} ${turn.unheard}`,
      written,
      wordsOff:
        heard.split(' ').length - wordsIn(written, heardMs, played.engine === 'realtime' ? GAP_MS : 0),
    };
  });
}

/** How long the reply that began at `startMs` of the call was played: the truth, from Twilio's side. */
function playedMs({ report }: PlayedVariant, startMs: number): number {
  const [first] = report.streams;
  for (const stream of report.streams) {
    const at = startMs - (stream.startedAtMs - first!.startedAtMs);
    for (const { from, to } of piecesOf(decodeMulaw(stream.playedAssistant)))
      if (Math.abs(from / 8 - at) < 300) return (to - from) / 8;
  }
  throw new Error('the reply was never played');
}

/** How much sound of the assistant was played between these times of the call: with what was repeated of a resumed reply. */
function soundMs({ report }: PlayedVariant, startMs: number, endMs: number): number {
  const pieces = piecesOf(decodeMulaw(report.streams[0]!.playedAssistant));
  const within = pieces.filter(({ from, to }) => from / 8 > startMs - 300 && to / 8 < endMs + 300);
  return within.reduce((sum, { from, to }) => sum + (to - from) / 8, 0);
}

/** How many words of a reply are said in its first milliseconds, its sentences spoken one after the other with `gapMs` between them. */
function wordsIn(reply: string, heardMs: number, gapMs: number): number {
  let leftMs = heardMs;
  let words = 0;
  for (const sentence of reply.match(/[^.!?]+[.!?]+/g) ?? []) {
    const text = sentence.trim();
    const lengthMs = (spokenText(text).length / SPEECH_RATE_HZ) * 1_000;
    const share = Math.max(0, Math.min(1, leftMs / lengthMs));
    let at = 0;
    for (const word of text.split(' ')) {
      if ((at + word.length / 2) / text.length <= share) words += 1;
      at += word.length + 1;
    }
    leftMs -= lengthMs + gapMs;
  }
  return words;
}

/** Every reply that a chat request held. Consecutive replies are one message, with a line for each. */
export function toldToTheModel(requests: readonly RequestSeen[]): string[] {
  return requests
    .filter(({ service }) => service === 'chat')
    .flatMap(({ body }) => body['messages'] as { role: string; content: string }[])
    .filter(({ role }) => role === 'assistant')
    .flatMap(({ content }) => content.split('\n'));
}
