import type { ToDesk } from '../../src/desk/desk-messages.ts';
import { DeskClient } from '../../test/support/desk-client.ts';
import { percentile } from '../percentile.ts';
import { table } from '../tables.ts';

/** What a desk at another machine shows may be this much later than at the machine of the call: 95 of 100 messages. */
export const DESK_GOAL_MS = 150;

/** Messages that differ in nothing but the machine whose desk gets them. */
const KINDS = ['call', 'turns', 'sound'] as const;
type Kind = (typeof KINDS)[number];

export interface DeskLatencyRow {
  readonly what: Kind;
  readonly messages: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** When each content arrived: the same state of a call comes again. */
type Arrivals = Map<string, number[]>;
/** A content that is older than this is another occurrence. */
const SAME_MS = 2_000;

/**
 * How much later the desk of `other` shows what happens in the calls of `owner`. Both desks watch and hear the given calls. Contents that
 * one of the desks skips, because the next ones came soon, are left out.
 */
export async function measureDeskLatency(
  { owner, other, calls }: { owner: string; other: string; calls: readonly string[] },
  holdMs: number,
): Promise<readonly DeskLatencyRow[]> {
  const desks = await Promise.all([owner, other].map((url) => DeskClient.open(url)));
  try {
    const [atOwner, atOther] = desks.map(arrivalsOf) as [Arrivals, Arrivals];
    for (const desk of desks)
      for (const callSid of calls) {
        desk.say({ type: 'watch', callSid });
        desk.say({ type: 'listen', callSid, on: true });
      }
    await new Promise((resolve) => setTimeout(resolve, holdMs));
    return KINDS.map((what) => {
      const ofKind = [...atOther].filter(([content]) => content.startsWith(what));
      const laterMs = ofKind.flatMap(([content, times]) =>
        times.flatMap((atMs) => laterThan(atOwner.get(content) ?? [], atMs) ?? []),
      );
      return {
        what,
        messages: laterMs.length,
        p50Ms: percentile(laterMs, 50),
        p95Ms: percentile(laterMs, 95),
      };
    });
  } finally {
    for (const desk of desks) desk.close();
  }
}

function arrivalsOf(desk: DeskClient): Arrivals {
  const arrivals: Arrivals = new Map();
  desk.heard = (message) => {
    const atMs = performance.now();
    for (const content of contentsOf(message)) {
      const times = arrivals.get(content);
      if (times) times.push(atMs);
      else arrivals.set(content, [atMs]);
    }
  };
  return arrivals;
}

/** 0: it came earlier than at the owner. Undefined: the owner's desk has not shown it. */
function laterThan(owner: readonly number[], atMs: number): number | undefined {
  const nearest = owner.find((time) => Math.abs(atMs - time) < SAME_MS);
  return nearest === undefined ? undefined : Math.max(0, atMs - nearest);
}

function contentsOf(message: ToDesk): readonly string[] {
  if (message.type === 'call') return [`call ${JSON.stringify(message.call)}`];
  if (message.type === 'turns') return message.turns.map((turn) => `turns ${JSON.stringify(turn)}`);
  if (message.type !== 'sound') return [];
  return [`sound ${message.callSid} ${message.speaker} ${message.callMs}`];
}

export function deskLatencyTable(rows: readonly DeskLatencyRow[]): string {
  const lines = rows.map(({ what, messages, p50Ms, p95Ms }) => [
    ...[what, String(messages), p50Ms.toFixed(0), p95Ms.toFixed(0)],
    String(DESK_GOAL_MS),
  ]);
  return table([['message', 'number', 'p50 ms', 'p95 ms', 'goal'], ...lines]);
}
