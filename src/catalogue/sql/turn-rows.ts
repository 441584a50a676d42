import type { Insertable, Selectable } from 'kysely';
import type { CataloguedCall } from '../../records/call-entry.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import { tailsOf } from '../phone-index.ts';
import { escapeText, unescapeText } from '../text-escaping.ts';
import { INDEXED_WORDS, indexWord, wordsOf } from '../words.ts';
import type { TurnRow } from './schema.ts';

export type TurnColumns = Omit<Insertable<TurnRow>, 'id' | 'call_id' | 'place' | 'words'>;

export function turnColumns(turn: TranscriptTurn): TurnColumns {
  const { id, speaker, kind, startMs, endMs, text, unheard, cut, ...details } = turn;
  return {
    turn_id: escapeText(id),
    speaker,
    kind,
    start_ms: startMs,
    end_ms: endMs,
    text: text === undefined ? null : escapeText(text),
    unheard: unheard === undefined ? null : escapeText(unheard),
    cut: cut ? 1 : 0,
    details: Object.keys(details).length > 0 ? JSON.stringify(details) : null,
  };
}

export function turnOf(row: Omit<Selectable<TurnRow>, 'words'>): TranscriptTurn {
  return {
    id: unescapeText(row.turn_id),
    speaker: row.speaker as TranscriptTurn['speaker'],
    kind: row.kind,
    startMs: row.start_ms,
    endMs: row.end_ms,
    ...(row.text !== null && { text: unescapeText(row.text) }),
    ...(row.unheard !== null && { unheard: unescapeText(row.unheard) }),
    cut: row.cut !== 0,
    ...(row.details !== null && (JSON.parse(row.details) as object)),
  };
}

/** The search tokens of a turn: the heard words in order, then marks for the speaker and the properties of the call. */
export function indexTokens(turn: TranscriptTurn, call: Pick<CataloguedCall, 'from' | 'to'>): string[] {
  const words = wordsOf(turn.text ?? '').slice(0, INDEXED_WORDS);
  return [...words.map(indexWord), speakerMark(turn.speaker), ...tailsOf(call).map(tailMark)];
}

export function speakerMark(speaker: TranscriptTurn['speaker']): string {
  return `zs${speaker}`;
}

/** The mark of utterances of microphone recordings. */
export const MICROPHONE_MARK = 'ztmicrophone';

export function tailMark(tail: string): string {
  return `zn${tail}`;
}
