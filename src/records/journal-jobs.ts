import { decodeMulaw, encodeMulaw } from '../audio/mulaw.ts';
import { writeWav } from '../audio/wav/wav.ts';
import type { CallHistory } from '../call/call-options.ts';
import type { ConversationTurn, Utterance } from '../call/ports.ts';
import type { CallEvent } from '../events/call-events.ts';
import { layOutAudio } from './audio-timeline.ts';
import { type CallFiles, type CallFileSettings, type RunLocked, writeCallFiles } from './call-record.ts';
import { reconstructCall } from './reconstruct-call.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';
import { transcriptLines, transcriptOf } from './text/transcript.ts';

/** Sound after an utterance's last voiced frame that belongs to it. */
const TAIL_MS = 200;

/** What a finished call still lacks, and what its summary is to be made of. */
export interface JournalState {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly recorded: boolean;
  readonly endReason: string | undefined;
  readonly endedAtMs: number;
  /** Turns without a text that may still get one. */
  readonly missing: readonly number[];
  readonly lines: readonly string[];
  readonly summaryBy: 'chat' | 'extract' | undefined;
}

/** The slow work on a journal, done where it does not hold up live calls. Each throws where the disk refuses. */
export interface JournalWorker {
  state(journal: string): Promise<JournalState | undefined>;
  history(journal: string): Promise<CallHistory | undefined>;
  utterance(journal: string, turn: number): Promise<Utterance | undefined>;
  write(journal: string, settings: CallFileSettings): Promise<CallFiles>;
}

/** Does the work here and now, on journals that `open` gives: what the worker threads run, and tests and replays. */
export class JournalJobs implements JournalWorker {
  readonly #open: (journal: string) => Iterable<CallEvent>;
  readonly #alone: RunLocked | undefined;

  /** `alone`: where others may change the files of finished calls meanwhile. */
  constructor(open: (journal: string) => Iterable<CallEvent>, alone?: RunLocked) {
    this.#open = open;
    this.#alone = alone;
  }

  state(journal: string): Promise<JournalState | undefined> {
    const reading = reconstructCall(this.#open(journal));
    return Promise.resolve(reading && stateOf(reading));
  }

  history(journal: string): Promise<CallHistory | undefined> {
    const reading = reconstructCall(this.#open(journal));
    return Promise.resolve(reading && historyOf(reading));
  }

  utterance(journal: string, turn: number): Promise<Utterance | undefined> {
    const reading = reconstructCall(this.#open(journal));
    const wanted = reading?.turns.find((one) => one.turn === turn);
    if (!reading?.recorded || !wanted) return Promise.resolve(undefined);
    const from = Math.max(0, Math.round((wanted.startMs - reading.preRollMs) * 8));
    const to = Math.round((wanted.endMs + TAIL_MS) * 8);
    const pcm = new Int16Array(Math.max(0, to - from));
    let at = 0;
    for (const block of layOutAudio(reading, this.#open(journal))) {
      const side = wanted.operator ? block.assistant : block.caller;
      const start = Math.max(from, at);
      const end = Math.min(to, at + side.length);
      if (end > start) pcm.set(side.subarray(start - at, end - at), start - from);
      at += side.length;
      if (at >= to) break;
    }
    // Through μ-law once, as the live path does: the same bytes go to the transcriber now and then.
    const wav = writeWav(decodeMulaw(encodeMulaw(pcm)), 8_000, 1);
    return Promise.resolve({ wav, durationMs: pcm.length / 8 });
  }

  write(journal: string, settings: CallFileSettings): Promise<CallFiles> {
    return writeCallFiles(() => this.#open(journal), settings, this.#alone);
  }
}

function stateOf(reading: ReconstructedCall): JournalState {
  const turns = transcriptOf(reading);
  return {
    callSid: reading.callSid,
    from: reading.from,
    to: reading.to,
    recorded: reading.recorded,
    endReason: reading.endReason,
    endedAtMs: reading.endedAtMs,
    missing: reading.turns.filter((turn) => turn.text === undefined && !turn.given).map((turn) => turn.turn),
    lines: transcriptLines(turns),
    summaryBy: reading.summary?.by,
  };
}

function historyOf(reading: ReconstructedCall): CallHistory | undefined {
  if (reading.zeroAtMs === undefined || reading.endReason !== undefined) return undefined;
  const said: ConversationTurn[] = [];
  for (const turn of transcriptOf(reading)) {
    if (turn.text) said.push({ speaker: turn.speaker, text: turn.cut ? `${turn.text} —` : turn.text });
  }
  return {
    said,
    turns: Math.max(0, ...reading.turns.map((turn) => turn.turn)),
    replies: Math.max(0, ...reading.pieces.map((piece) => piece.reply)),
    pieces: Math.max(0, ...reading.pieces.map((piece) => piece.piece)),
    keys: reading.keys.length,
    rangAtMs: reading.startedAtMs,
    zeroAtMs: reading.zeroAtMs,
    endMs: reading.lengthMs,
    format: reading.format,
  };
}
