import {
  REPLY_STEPS,
  type ReconstructedPiece,
  type ReconstructedTurn,
  type ReplyStep,
  type ReplySteps,
  type TurnTiming,
} from './reconstructed-call.ts';

/** From the end of each of the caller's turns to the first sound of the reply that follows it. Milliseconds, rounded. */
export function replyLatencies(
  turns: readonly ReconstructedTurn[],
  pieces: readonly ReconstructedPiece[],
): number[] {
  const ends = callersOf(turns)
    .map(({ endMs }) => endMs)
    .sort((a, b) => a - b);
  const replies = new Set<number>();
  return pieces.flatMap(({ role, reply, startMs }) => {
    if (role !== 'reply' || startMs === undefined || replies.has(reply)) return [];
    replies.add(reply);
    const end = ends.findLast((one) => one <= startMs);
    return end === undefined ? [] : [Math.round(startMs - end)];
  });
}

/**
 * From the caller's first sound over a reply to the moment it fell silent on the phone, for each reply that was cut off.
 * Milliseconds, rounded. `cut`: the replies that a `clear` ended; a reply without speech over it does not count.
 */
export function bargeInLatencies(
  turns: readonly ReconstructedTurn[],
  pieces: readonly ReconstructedPiece[],
  cut: ReadonlySet<number>,
): number[] {
  const callers = [...callersOf(turns)].sort((a, b) => a.startMs - b.startMs);
  return [...cut].flatMap((reply) => {
    const all = pieces.filter((piece) => piece.reply === reply);
    // The first interruption counts: a reply may be continued after it.
    const continued = all.findIndex(({ continues }) => continues !== undefined);
    const begun = continued < 0 ? all : all.slice(0, continued);
    const heard = begun.filter((piece) => piece.startMs !== undefined);
    const startMs = heard[0]?.startMs;
    const endMs = heard.at(-1)?.endMs;
    if (startMs === undefined || endMs === undefined) return [];
    const over = callers.findLast((turn) => turn.startMs < endMs && turn.endMs > startMs);
    return over ? [Math.round(endMs - Math.max(over.startMs, startMs))] : [];
  });
}

/** The steps of the replies that were heard. */
export function replyStepsOf(timings: Iterable<TurnTiming>): ReplySteps {
  const heard = [...timings].filter(({ heardMs }) => heardMs !== undefined);
  const of = (step: ReplyStep): readonly number[] => heard.flatMap((timing) => timing[step] ?? []);
  return Object.fromEntries(REPLY_STEPS.map((step) => [step, of(step)])) as Record<ReplyStep, number[]>;
}

function callersOf(turns: readonly ReconstructedTurn[]): readonly ReconstructedTurn[] {
  return turns.filter(({ operator }) => !operator);
}
