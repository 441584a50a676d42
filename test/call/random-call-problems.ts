import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { transcriptOf } from '../../src/records/text/transcript.ts';
import { PRIVATE_WORDS } from '../doubles/virtual-servers/chat-texts.ts';
import type { Verdict } from '../doubles/virtual-servers/virtual-network.ts';
import { type SpokenWord, understoodMs } from '../doubles/virtual-servers/word-coded-speech.ts';
import type { RandomCall } from './random-call.ts';

/** Everything that must not happen in a call, whatever its servers do. */
export function problemsOf(random: RandomCall): string[] {
  return [
    ...random.silences.map((silence) => `silence at ${silence}`),
    ...wordProblems(random),
    ...reportProblems(random),
    ...apologyProblems(random),
    ...refusalProblems(random),
    ...privateWordProblems(random),
  ];
}

/** As in `src/openai/server/supposed-profile.ts`. */
const MAX_FAILED_REQUESTS = 2;
const FAILURES: ReadonlySet<Verdict> = new Set(['bad', 'stalls']);

interface PlayedPiece {
  readonly reply: number;
  readonly text: string;
  /** The words of which a part at least was played, and whether all of them were played whole. */
  readonly played: string;
  readonly isWhole: boolean;
}

/** The words that the transcript claims were played at the telephone, by their samples. */
function wordProblems(random: RandomCall): string[] {
  const pieces = playedPieces(random);
  return transcriptOf(random.call.reading)
    .filter(({ id }) => id.startsWith('reply-'))
    .flatMap(({ id, text = '' }) => {
      const own = pieces.filter((piece) => `reply-${piece.reply}` === id);
      if (own.length === 0) return [];
      const claimed = compact(text);
      const unheard = unplayed(claimed, own);
      if (unheard !== '') return [`“${unheard}” of “${text}” was not played: ${JSON.stringify(own)}`];
      const whole = compact(own.map((piece) => piece.text).join(''));
      return own.every(({ isWhole }) => isWhole) && claimed !== whole
        ? [`“${text}” is less than was played: ${JSON.stringify(own)}`]
        : [];
    });
}

/** What is left of the claimed words when the played beginning of each piece is taken off. */
function unplayed(claimed: string, [piece, ...others]: readonly PlayedPiece[]): string {
  if (piece === undefined) return claimed;
  let least = claimed;
  for (let taken = commonLength(claimed, compact(piece.played)); taken >= 0 && least !== ''; taken -= 1) {
    const left = unplayed(claimed.slice(taken), others);
    if (left.length < least.length) least = left;
  }
  return least;
}

function playedPieces({ call, speech }: RandomCall): PlayedPiece[] {
  const sounds = new Map<number, Uint8Array[]>();
  call.journal.of('sent').forEach(({ piece }, index) => {
    const { mulaw, playedMs } = call.phone.sent[index]!;
    sounds.set(piece, [...(sounds.get(piece) ?? []), mulaw.subarray(0, Math.round(playedMs * 8))]);
  });
  return call.journal
    .of('piece')
    .filter(({ role }) => role === 'reply')
    .map(({ piece, reply, text, continues }) => {
      const sound = decodeMulaw(Buffer.concat(sounds.get(piece) ?? []));
      let best: PlayedPiece | undefined;
      for (const { words, skippedMs } of placements(speech.wordsOf(text ?? ''), continues !== undefined)) {
        const ms = understoodMs(words, sound.subarray(8 * skippedMs));
        const played = text.slice(0, words.findLast(({ fromMs }) => fromMs < ms)?.end ?? 0);
        const isWhole = ms >= (words.at(-1)?.toMs ?? 0);
        if (best === undefined || played.length > best.played.length) best = { reply, text, played, isWhole };
        if (isWhole) break;
      }
      return best!;
    });
}

/** The words of a piece in its sound. One that continues another begins somewhat before its first word, or within it. */
function placements(
  words: readonly SpokenWord[],
  continues: boolean,
): { words: SpokenWord[]; skippedMs: number }[] {
  const found = [{ words: [...words], skippedMs: 0 }];
  if (!continues) return found;
  for (let ms = 20; ms <= MOST_OFFSET_MS; ms += 20) {
    found.push({ words: [...words], skippedMs: ms });
    const shifted = words.map((word) => ({
      ...word,
      fromMs: Math.max(0, word.fromMs - ms),
      toMs: word.toMs - ms,
    }));
    found.push({ words: shifted.filter(({ toMs }) => toMs > 0), skippedMs: 0 });
  }
  return found;
}

/** The quietest place is searched within 250 ms; the estimate of a word's start is this far off at most. */
const MOST_OFFSET_MS = 600;

/** Without blanks, and without the marks of a cut. */
function compact(text: string): string {
  return text.replace(/\s|—/gu, '');
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Each failed exchange is a logged retry or a failure in journal, log and count; and nothing else is. */
function reportProblems({ call, network, log, counted }: RandomCall): string[] {
  const failures = call.journal.of('answer').flatMap(({ answer }) => answer.failure ?? []);
  const warnings = log.filter(({ level }) => level >= 40);
  const problems: string[] = [];
  if (counted !== failures.length || warnings.length !== failures.length)
    problems.push(`${failures.length} failures, ${warnings.length} logged, ${counted} counted`);
  const vague = warnings.filter(
    (line) => line.component !== 'services' || !line.service || !line.server || !line.said,
  );
  problems.push(...vague.map((line) => `a failure without its source: ${JSON.stringify(line)}`));
  problems.push(
    ...failures
      .filter(({ kind }) => kind === 'program')
      .map(({ said, stack }) => `a programming error: ${said} ${stack}`),
  );
  for (const service of ['chat', 'speech', 'transcription']) {
    const bad = network.exchanges.filter(
      (one) =>
        one.service === service && one.state === 'over' && ['bad', 'refused'].includes(one.response.verdict),
    );
    const retries = log.filter(
      (line) => line.service === service && line.msg === 'retrying a service request',
    );
    const reported = warnings.filter((line) => line.service === service && line.code !== 'timeout');
    if (bad.length !== retries.length + reported.length)
      problems.push(
        `${service}: ${bad.length} bad responses (${bad.map(({ response }) => response.name).join(', ')}), ` +
          `${retries.length} sent again (${retries.map(({ said }) => said).join('; ')}), ${reported.length} reported (${reported.map(({ said }) => said).join('; ')})`,
      );
    const statuses = bad.flatMap(({ response: { status = 200 } }) => (status >= 400 ? [status] : [])).sort();
    const named = [...retries, ...reported].flatMap(({ status }) => status ?? []).sort();
    if (bad.length === retries.length + reported.length && statuses.join() !== named.join())
      problems.push(`${service}: the servers said ${statuses.join()}, reported is ${named.join()}`);
  }
  return problems;
}

const APOLOGIES = ['<apology>', '<not-understood>', '<apology-machine>'];

/** The caller hears an apology only after a failure, or after an utterance without words. */
function apologyProblems({ call }: RandomCall): string[] {
  let reasons = 0;
  return call.journal.events.flatMap((event) => {
    if (event.kind === 'answer' && event.answer.failure !== undefined) reasons += 1;
    if (event.kind === 'text' && event.text === '') reasons += 1;
    if (event.kind !== 'piece' || !APOLOGIES.includes(event.text)) return [];
    const isExplained = reasons > 0;
    reasons = 0;
    return isExplained ? [] : [`${event.text} without a failure`];
  });
}

/** A shape that was refused is not sent again. */
function refusalProblems({ network }: RandomCall): string[] {
  return network.exchanges.flatMap(({ service, state, response: { refuses } }, at) => {
    if (refuses === undefined || state !== 'over') return [];
    const later = network.exchanges.slice(at + 1).filter((one) => one.service === service);
    const again = later.findIndex((one) => one.response.refuses === refuses && one.state === 'over');
    // What was only supposed is forgotten after two failed requests.
    const failed = later.slice(0, again).filter(({ response }) => FAILURES.has(response.verdict));
    return again < 0 || failed.length >= MAX_FAILED_REQUESTS ? [] : [`refused twice: ${service}: ${refuses}`];
  });
}

/** Thoughts are never spoken, except those that no tag opens: they are known by their end. */
function privateWordProblems({ call, network }: RandomCall): string[] {
  const isPublic = network.exchanges.some(({ response }) => response.thinksAloud);
  return isPublic
    ? []
    : call.pieces.filter((text) => PRIVATE_WORDS.test(text)).map((text) => `spoken: ${text}`);
}
