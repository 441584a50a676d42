import type { Insertable, Selectable } from 'kysely';
import { callerAddress } from '../../events/withheld-number.ts';
import type { CataloguedCall, Hold, Note, UnannotatedCall } from '../../records/call-entry.ts';
import { endKey } from '../phone-index.ts';
import { escapeText, unescapeText } from '../text-escaping.ts';
import type { CallRow } from './schema.ts';

/** The columns that describe a call, without notes and hold. */
export function columnsOf(call: UnannotatedCall): Omit<Insertable<CallRow>, 'call_sid' | 'notes' | 'hold'> {
  return {
    from_address: escapeText(call.from),
    to_address: escapeText(call.to),
    from_key: endKey(call.from),
    to_key: endKey(call.to),
    started_at_ms: call.startedAtMs,
    state: call.state,
    format: call.format,
    completed_at_ms: call.completedAtMs ?? null,
    duration_ms: call.durationMs ?? null,
    end_reason: call.endReason === undefined ? null : escapeText(call.endReason),
    outcome: call.outcome ?? null,
    summary: call.summary === undefined ? null : escapeText(call.summary),
    summary_by: call.summaryBy ?? null,
    pending: call.pending ?? null,
    keywords: JSON.stringify(call.keywords),
    files: JSON.stringify(call.files),
    figures: call.figures ? JSON.stringify(call.figures) : null,
  };
}

export function notesColumn(notes: readonly Note[]): string {
  return JSON.stringify(notes);
}

export function holdColumn(hold: Hold | undefined): string | null {
  return hold ? JSON.stringify(hold) : null;
}

export function callOf(row: Selectable<CallRow>): CataloguedCall {
  return {
    callSid: unescapeText(row.call_sid),
    from: callerAddress(unescapeText(row.from_address)),
    to: unescapeText(row.to_address),
    startedAtMs: row.started_at_ms,
    state: row.state,
    format: row.format,
    ...given('completedAtMs', row.completed_at_ms),
    ...given('durationMs', row.duration_ms),
    ...given('endReason', row.end_reason === null ? null : unescapeText(row.end_reason)),
    ...given('outcome', row.outcome),
    ...given('summary', row.summary === null ? null : unescapeText(row.summary)),
    ...given('summaryBy', row.summary_by),
    ...given('pending', row.pending),
    keywords: JSON.parse(row.keywords) as string[],
    files: JSON.parse(row.files) as CataloguedCall['files'],
    ...given('figures', row.figures === null ? null : (JSON.parse(row.figures) as CataloguedCall['figures'])),
    notes: JSON.parse(row.notes) as Note[],
    ...given('hold', row.hold === null ? null : (JSON.parse(row.hold) as Hold)),
  };
}

/** Omits properties whose column is null. */
function given<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
