import type { BurstRow } from './burst.ts';
import type { StepRow } from './calls.ts';
import type { DeskRow } from './desk.ts';
import { HANG_UP_GOAL_S, type HangUpRow } from './hang-up.ts';
import { FINISHING_GOAL_MS, type FinishingRow } from './finishing.ts';
import { START_GOAL, type StartRow } from './start.ts';
import type { LoadFigures } from './generator.ts';
import type { InterruptionBench } from './interruptions.ts';
import type { LongCallRow } from './growth/long-call.ts';
import type { ProcessFigures } from './process-figures.ts';
import type { TalkRow } from './talk.ts';
import { callsByCpu, costOf, type WorkersRow } from './workers.ts';

const HEADS = ['server', 'calls', 'core', 'CPU s/call-min', 'RSS MB', 'MB/call'];
const PINGS = ['ping p50', 'p99', 'max', 'loop p99', 'generator late p99', 'answers'];

/** Pads each column to its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
}

export function callsTable(rows: readonly StepRow[]): string {
  const lines = rows.map((row) => {
    const first = rows.find(({ server }) => server === row.server)!;
    const perCall = row === first ? '' : ((row.rssMb - first.rssMb) / (row.calls - first.calls)).toFixed(2);
    return [
      row.server,
      String(row.calls),
      `${((100 * row.cpuSeconds) / row.wallSeconds).toFixed(0)} %`,
      row.cpuSecondsPerCallMinute.toFixed(3),
      row.rssMb.toFixed(0),
      perCall,
      ...delays(row),
      row.held ? 'held' : `not held (${row.lost} lost, ${row.failed} failed)`,
    ];
  });
  const most = (server: string): number =>
    Math.max(0, ...rows.filter((row) => row.server === server && row.held).map(({ calls }) => calls));
  return [
    table([[...HEADS, ...PINGS, ''], ...lines]),
    `calls held on one core: bare ws ${most('bare')}, offhook ${most('offhook')} (recording, transcript, turn-taking, services)`,
  ].join('\n');
}

export function workersTable(rows: readonly WorkersRow[]): string {
  const lines = rows.map((row) => [
    String(row.workers),
    String(row.calls),
    costOf(row).toFixed(3),
    ...delays(row),
    `${row.lost} lost, ${row.failed} failed`,
  ]);
  const sentence = `two processes hold ${callsByCpu(rows).toFixed(2)} times the calls of one by CPU time (goal 1.8)`;
  return `${table([['WORKERS', 'calls', 'CPU s/call-min', ...PINGS, ''], ...lines])}\n${sentence}`;
}

export function burstTable(rows: readonly BurstRow[]): string {
  const lines = rows.map((row) => [
    String(row.workers),
    String(row.live),
    `${row.calls} in ${row.overMs} ms`,
    String(row.answered),
    String(row.lost),
    `${row.twimlP50Ms.toFixed(0)} ms`,
    `${row.twimlP99Ms.toFixed(0)} ms`,
    `${row.pingP99BeforeMs.toFixed(1)} ms`,
    `${row.pingP99Ms.toFixed(1)} ms`,
  ]);
  const heads = [
    'WORKERS',
    'live',
    'new calls',
    'answered',
    'lost',
    'TwiML p50',
    'p99',
    'ping p99 before',
    'during',
  ];
  return table([heads, ...lines]);
}

export function deskTable(rows: readonly DeskRow[]): string {
  const lines = rows.map((row) => [
    String(row.calls),
    String(row.browsers),
    row.cpuSecondsPerSecond.toFixed(3),
    row.ratio.toFixed(2),
    `${row.pingP99Ms.toFixed(1)} ms`,
    row.framesPerSecond.toFixed(0),
  ]);
  return table([['calls', 'browsers', 'CPU s/s', 'ratio', 'ping p99', 'frames/s'], ...lines]);
}

export function longCallTable(rows: readonly LongCallRow[]): string {
  const lines = rows.map(({ minutes, microsecondsPerFrame, megabytes, turns }) => [
    String(minutes),
    turns.toFixed(0),
    microsecondsPerFrame.toFixed(1),
    megabytes.toFixed(2),
  ]);
  return table([['minutes', 'turns', 'µs/frame', 'MB/call'], ...lines]);
}

export function finishingTable(rows: readonly FinishingRow[]): string {
  const lines = rows.map((row) => [
    String(row.calls),
    String(row.encoding),
    `${((100 * row.cpuSeconds) / row.wallSeconds).toFixed(0)} %`,
    ...delays(row),
    row.pingP99Ms <= FINISHING_GOAL_MS && row.loopP99Ms <= FINISHING_GOAL_MS ? 'kept' : 'missed',
  ]);
  return table([['calls', 'encoding', 'CPU', ...PINGS, `goal: p99 ≤ ${FINISHING_GOAL_MS} ms`], ...lines]);
}

export function hangUpTable(rows: readonly HangUpRow[]): string {
  const lines = rows.map(({ minutes, format, live, rounds }) => [
    `${minutes} min`,
    format,
    live ? 'during the call' : 'afterwards',
    `${rounds[rounds.length >> 1]!.seconds.toFixed(2)} s`,
    `${rounds.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)[rounds.length >> 1]!.cpuSeconds.toFixed(2)} s`,
    rounds.map(({ seconds }) => seconds.toFixed(2)).join(', '),
    HANG_UP_GOAL_S[minutes] === undefined ? '' : `${HANG_UP_GOAL_S[minutes]} s`,
  ]);
  return table([['call', 'format', 'encoded', 'files after', 'CPU', 'of the rounds', 'goal'], ...lines]);
}

export function startTable(rows: readonly StartRow[]): string {
  const lines = rows.map(({ server, healthyMs, cpuMs, idleMb }) => [
    server,
    `${healthyMs.toFixed(0)} ms`,
    `${cpuMs.toFixed(0)} ms`,
    `${idleMb.toFixed(0)} MB`,
  ]);
  const goal = ['goal', `${START_GOAL.healthyMs} ms`, '', `${START_GOAL.idleMb} MB`];
  return table([['server', '/health answers', 'CPU until then', 'idle RSS'], ...lines, goal]);
}

const TALK_HEADS = [
  'call',
  'assistant',
  'EAGER_REPLIES',
  'calls',
  'turns',
  'text',
  'turn over',
  'first token',
  'first audio',
];

export function talkTable(rows: readonly TalkRow[]): string {
  const ms = (value: number): string => value.toFixed(0);
  const lines = rows.map((row) => [
    row.scenario,
    row.engine,
    row.eager,
    String(row.calls),
    String(row.turns),
    ...[row.textMs, row.decidedMs, row.tokenMs, row.audioMs].map(ms),
    ...[row.heardP50Ms, row.heardP95Ms, row.ownP50Ms, row.ownP99Ms].map(ms),
    String(row.discardedDrafts),
    ...[row.silentP50Ms, row.silentP95Ms].map((value) => (value === undefined ? '' : ms(value))),
  ]);
  const heads = [
    ...TALK_HEADS,
    ...['heard p50', 'p95', 'own p50', 'p99', 'discarded drafts', 'silent p50', 'p95'],
  ];
  return table([heads, ...lines]);
}

const INTERRUPTION_HEADS = [
  'sound',
  'right',
  'takes',
  'ignored',
  'resumed',
  'stopped',
  'pause p50',
  'silent p50',
  'p95',
];

export function interruptionTable({ rows, shares, speech }: InterruptionBench): string {
  const ms = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(0));
  const lines = rows.map((row) => [
    row.kind,
    row.expected,
    ...[row.takes, row.ignored, row.resumed, row.stopped].map(String),
    ...[row.pauseP50Ms, row.silentP50Ms, row.silentP95Ms].map(ms),
  ]);
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return [
    table([INTERRUPTION_HEADS, ...lines]),
    `interruptions missed ${percent(shares.missed)}, false stops not resumed ${percent(shares.notResumed)}, sounds to be ignored that stopped the reply ${percent(shares.falseStops)}`,
    `from the first sample of ${speech.count} sentences to silence at the phone: p50 ${ms(speech.p50Ms)}, p95 ${ms(speech.p95Ms)}`,
  ].join('\n');
}

function delays(row: LoadFigures & ProcessFigures): string[] {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const pings = [ms(row.pingP50Ms), ms(row.pingP99Ms), ms(row.pingMaxMs)];
  return [...pings, ms(row.loopP99Ms), ms(row.lateP99Ms), String(row.answers)];
}
