import type { Insertable } from 'kysely';
import type { CataloguedCall, CatalogueEntry, UnannotatedCall } from '../../records/call-entry.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import { tailsOf } from '../phone-index.ts';
import { escapeText, unescapeText } from '../text-escaping.ts';
import { columnsOf, holdColumn, notesColumn } from './call-rows.ts';
import type { SqlDialect, Tx } from './dialects/sql-dialect.ts';
import type { CallRow } from './schema.ts';
import { secondOf } from './turn-ids.ts';
import { indexTokens, turnColumns, turnOf } from './turn-rows.ts';
import { SqlTurnWriter } from './turn-writer.ts';

type Identity = Pick<CataloguedCall, 'callSid' | 'from' | 'to' | 'startedAtMs'>;
interface KnownCall extends Identity {
  readonly id: number;
  readonly state: CataloguedCall['state'];
}

/** Writes calls and their turns. Each method runs in one transaction. */
export class SqlCallWriter {
  readonly #dialect: SqlDialect;
  readonly #tx: Tx;
  readonly #writer: SqlTurnWriter;

  constructor(dialect: SqlDialect, tx: Tx) {
    this.#dialect = dialect;
    this.#tx = tx;
    this.#writer = new SqlTurnWriter(dialect, tx);
  }

  async putCall(call: UnannotatedCall): Promise<void> {
    const known = await this.#known(call.callSid);
    if (!known) {
      await this.#insert(call, { notes: notesColumn([]), hold: null });
      return;
    }
    if (known.state === 'finished' && call.state !== 'finished') return;
    await this.#update(known, call, {});
    // The index entries of turns also depend on properties of the call.
    if (!sameIdentity(known, call))
      await this.#putAllTurns(known.id, call, await this.#turns(known.id), known);
  }

  async putTurns(callSid: string, turns: readonly TranscriptTurn[]): Promise<void> {
    const call = await this.#known(callSid);
    if (!call || call.state === 'finished' || turns.length === 0) return;
    const given = onePerId(turns);
    const { ids, nextPlace } = await this.#knownTurns(call.id, given);
    for (const turn of given) {
      const id = ids.get(turn.id);
      if (id !== undefined) await this.#updateTurn(call, id, turn);
    }
    const fresh = given.filter((turn) => !ids.has(turn.id));
    await this.#insertTurns(call, fresh, { ids: new Map(), firstPlace: nextPlace });
  }

  async putEntry({ turns, notes, hold, ...call }: CatalogueEntry): Promise<void> {
    const known = await this.#known(call.callSid);
    const kept = { notes: notesColumn(notes), hold: holdColumn(hold) };
    const id = known ? known.id : await this.#insert(call, kept);
    if (known) await this.#update(known, call, kept);
    await this.#putAllTurns(id, call, turns, known);
  }

  async remove(callSid: string): Promise<boolean> {
    const known = await this.#known(callSid);
    if (!known) return false;
    await this.#writer.removeAll(known.id);
    await this.#tx.deleteFrom('call_ends').where('call_sid', '=', escapeText(callSid)).execute();
    await this.#tx.deleteFrom('calls').where('id', '=', known.id).execute();
    return true;
  }

  /** Reads the call and locks its row until the transaction ends. */
  async #known(callSid: string): Promise<KnownCall | undefined> {
    let query = this.#tx
      .selectFrom('calls')
      .select(['id', 'state', 'started_at_ms', 'from_address', 'to_address'])
      .where('call_sid', '=', escapeText(callSid));
    if (this.#dialect.locksRows) query = query.forUpdate();
    const row = await query.executeTakeFirst();
    if (!row) return undefined;
    const [from, to] = [unescapeText(row.from_address), unescapeText(row.to_address)];
    return { id: row.id, state: row.state, callSid, from, to, startedAtMs: row.started_at_ms };
  }

  async #insert(call: UnannotatedCall, kept: Pick<Insertable<CallRow>, 'notes' | 'hold'>): Promise<number> {
    const row = { call_sid: escapeText(call.callSid), ...columnsOf(call), ...kept };
    const { insertId } = await this.#tx.insertInto('calls').values(row).executeTakeFirstOrThrow();
    await this.#insertEnds(call);
    // Not every database returns the generated id.
    return insertId === undefined ? (await this.#known(call.callSid))!.id : Number(insertId);
  }

  async #update(known: KnownCall, call: UnannotatedCall, kept: Partial<Insertable<CallRow>>): Promise<void> {
    const row = { ...columnsOf(call), ...kept };
    await this.#tx.updateTable('calls').set(row).where('id', '=', known.id).execute();
    if (sameIdentity(known, call)) return;
    await this.#tx.deleteFrom('call_ends').where('call_sid', '=', escapeText(call.callSid)).execute();
    await this.#insertEnds(call);
  }

  async #insertEnds(call: UnannotatedCall): Promise<void> {
    const [call_sid, started_at_ms] = [escapeText(call.callSid), call.startedAtMs];
    const rows = tailsOf(call).map((tail) => ({ tail, started_at_ms, call_sid }));
    await this.#tx.insertInto('call_ends').values(rows).execute();
  }

  async #turns(callId: number): Promise<TranscriptTurn[]> {
    return (await orderedTurns(this.#tx, callId)).map(turnOf);
  }

  /** Which of the turns exist already, and the next free position. */
  async #knownTurns(
    callId: number,
    turns: readonly TranscriptTurn[],
  ): Promise<{ ids: Map<string, number>; nextPlace: number }> {
    const ofCall = this.#tx.selectFrom('turns').where('call_id', '=', callId);
    const names = turns.map((turn) => escapeText(turn.id));
    const rows = await ofCall.select(['id', 'turn_id']).where('turn_id', 'in', names).execute();
    const last = await ofCall.select(({ fn }) => fn.max('place').as('place')).executeTakeFirst();
    const nextPlace = last?.place === null || last?.place === undefined ? 0 : Number(last.place) + 1;
    return { ids: new Map(rows.map((row) => [unescapeText(row.turn_id), row.id])), nextPlace };
  }

  async #updateTurn(call: KnownCall, id: number, turn: TranscriptTurn): Promise<void> {
    const tokens = indexTokens(turn, call);
    const row = { ...turnColumns(turn), ...this.#dialect.indexColumn(tokens) };
    await this.#tx.updateTable('turns').set(row).where('id', '=', id).execute();
    await this.#dialect.index(this.#tx, [{ id, tokens }]);
  }

  /** Replaces all turns of a call. Existing turns keep their ids if the start of the call is unchanged. */
  async #putAllTurns(
    callId: number,
    call: Identity,
    turns: readonly TranscriptTurn[],
    known?: KnownCall,
  ): Promise<void> {
    const keepsIds = known && secondOf(known.startedAtMs) === secondOf(call.startedAtMs);
    const ids = keepsIds ? await this.#writer.ids(callId) : new Map<string, number>();
    if (known) await this.#writer.removeAll(callId);
    await this.#insertTurns({ ...call, id: callId }, onePerId(turns), { ids, firstPlace: 0 });
  }

  #insertTurns(
    call: Identity & { readonly id: number },
    turns: readonly TranscriptTurn[],
    places: { readonly ids: ReadonlyMap<string, number>; readonly firstPlace: number },
  ): Promise<void> {
    const { id, callSid: key, startedAtMs } = call;
    const rows = turns.map((turn) => ({ columns: turnColumns(turn), tokens: indexTokens(turn, call) }));
    return this.#writer.insert({ id, key, startedAtMs }, rows, places);
  }
}

/** A call's turns, ordered by the beginning of their speech. */
export function orderedTurns(db: Pick<Tx, 'selectFrom'>, callId: number) {
  return db
    .selectFrom('turns')
    .select(['id', 'call_id', 'turn_id', 'place', 'speaker', 'kind', 'start_ms', 'end_ms'])
    .select(['text', 'unheard', 'cut', 'details'])
    .where('call_id', '=', callId)
    .orderBy('start_ms')
    .orderBy('place')
    .execute();
}

/** Of turns with the same id, keeps the last value at the position of the first. */
function onePerId(turns: readonly TranscriptTurn[]): TranscriptTurn[] {
  return [...new Map(turns.map((turn) => [turn.id, turn])).values()];
}

function sameIdentity(one: Identity, other: Identity): boolean {
  return one.from === other.from && one.to === other.to && one.startedAtMs === other.startedAtMs;
}
