import { describe, expect, it } from 'vitest';
import { Playback } from '../../src/call/playback/playback.ts';
import type { CallEvent } from '../../src/events/call-events.ts';
import { LiveTranscript } from '../../src/records/live-transcript.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { transcriptOf, type TranscriptTurn } from '../../src/records/text/transcript.ts';
import { TOLD_AT_MS, TOLD_SID, ToldCall, usualCall } from './told-call.ts';

/** What a call's own playback would say of its pieces, told the same events. */
class Ear {
  #playback = new Playback(TOLD_AT_MS);

  take(event: CallEvent): void {
    const { atMs } = event;
    if (event.kind === 'stream') this.#playback = new Playback(atMs);
    if (event.kind === 'caller') this.#playback.frame(event.streamMs, event.samples, atMs);
    if (event.kind === 'sent') this.#playback.sent(event.piece, event.samples, atMs);
    if (event.kind === 'mark-sent') this.#playback.markSent(event.name, atMs);
    if (event.kind === 'mark-back') this.#playback.markReturned(event.name, atMs);
    if (event.kind === 'clear') this.#playback.cleared(event.fence, atMs);
    if (event.kind === 'stream-end') this.#playback.ended(atMs);
  }

  readonly heard = (piece: number, atMs: number) =>
    this.#playback.knows(piece) ? this.#playback.heard(piece, atMs) : undefined;
}

/** Tells a call event by event, asking for changes after each; gives the last state of each turn. */
function follow(call: ToldCall) {
  const ear = new Ear();
  const entry = new LiveTranscript(ear.heard);
  const turns = new Map<string, TranscriptTurn>();
  const states: string[] = [];
  for (const event of call.events) {
    ear.take(event);
    entry.take(event);
    const changes = entry.changes(event.atMs);
    if (changes.call) states.push(`${changes.call.state} ${changes.call.format}`);
    for (const turn of changes.turns) turns.set(turn.id, turn);
  }
  return { turns, states, entry };
}

describe('LiveTranscript', () => {
  it('has published, at the end of the call, the turns that the files contain', () => {
    const call = usualCall();
    const { turns, states } = follow(call);
    const final = transcriptOf(reconstructCall(call.events)!).filter(
      (turn) => turn.endMs > turn.startMs || turn.text,
    );
    const seen = [...turns.values()].sort((a, b) => a.startMs - b.startMs);
    expect(seen.map(({ id, text, unheard, cut }) => ({ id, text, unheard, cut }))).toEqual(
      final.map(({ id, text, unheard, cut }) => ({ id, text, unheard, cut })),
    );
    for (const [index, turn] of seen.entries()) {
      expect(Math.abs(turn.startMs - final[index]!.startMs)).toBeLessThan(20);
      expect(Math.abs(turn.endMs - final[index]!.endMs)).toBeLessThan(20);
    }
    expect(states).toEqual(['live wav', 'finishing wav']);
  });

  it('has a reply that continued after an interruption as one turn', () => {
    const text = 'We are open today until six.';
    const call = new ToldCall().says(0, 2_800, { reply: 1, text }).caller(0, 1_200).clears(1_200);
    call.caller(1_200, 1_000).turn(1, 900, 1_300, 'Okay.');
    call.says(2_200, 1_700, { reply: 1, text: 'today until six.', continues: 1 }).caller(2_200, 2_500);
    const { turns } = follow(call.ends(4_700));
    expect(turns.get('reply-1')).toMatchObject({ text, cut: false });
    expect(turns.get('reply-1')!.endMs).toBeGreaterThan(3_800);
  });

  it('has the times of the reply to the latest turn as soon as it is heard, as the files have them', () => {
    const answer = (service: 'chat' | 'speech', request: string, askedMs: number, firstMs: number) => {
      const pieces = [
        { afterMs: firstMs - askedMs, ...(service === 'chat' ? { text: 'Yes.' } : { samples: 800 }) },
      ];
      const askedAtMs = TOLD_AT_MS + askedMs;
      return {
        kind: 'answer',
        atMs: TOLD_AT_MS + firstMs,
        answer: { service, id: 1, askedAtMs, request, pieces },
      } as const;
    };
    const call = new ToldCall().caller(0, 1_000, 440).turn(1, 0, 1_000, 'One.').caller(1_000, 1_000);
    call.tell(answer('chat', 'One.', 1_350, 1_500)).tell(answer('speech', 'Yes.', 1_510, 1_640));
    call.says(2_000, 500, { text: 'Yes.' }).caller(2_000, 1_000);
    const { turns } = follow(call.ends(3_000));
    const [caller] = transcriptOf(reconstructCall(call.events)!).filter(({ id }) => id === 'caller-1');
    expect(caller!.timing).toMatchObject({ decidedMs: 700, tokenMs: 500, audioMs: 640 });
    expect(turns.get('caller-1')).toMatchObject({
      text: 'One.',
      timing: { decidedMs: 700, tokenMs: 500, audioMs: 640 },
    });
    expect(Math.abs(turns.get('caller-1')!.timing!.heardMs! - caller!.timing!.heardMs!)).toBeLessThanOrEqual(
      20,
    );
  });

  it('publishes a reply as far as it was heard, and only changes', () => {
    const words = 'one two three four five six seven eight nine ten';
    const call = new ToldCall().caller(0, 500).says(500, 4_000, { text: words });
    const ear = new Ear();
    const entry = new LiveTranscript(ear.heard);
    const heard: string[] = [];
    for (const event of [...call.events, ...new ToldCall().caller(500, 6_000).events.slice(2)]) {
      ear.take(event);
      entry.take(event);
      for (const turn of entry.changes(event.atMs).turns) heard.push(turn.text!);
    }
    const lengths = heard.map((text) => text.length);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(heard.every((text) => words.startsWith(text))).toBe(true);
    expect(new Set(heard).size).toBeGreaterThan(5);
    expect(heard.at(-1)).toBe(words);
    expect(entry.changes(TOLD_AT_MS + 6_500).turns).toEqual([]);
  });

  it('publishes an utterance at once, and its text when it arrives', () => {
    const call = new ToldCall().caller(0, 3_000).turn(1, 1_000, 2_000);
    const entry = new LiveTranscript(() => undefined);
    for (const event of call.events) entry.take(event);
    expect(entry.changes(0).turns).toMatchObject([{ id: 'caller-1', pending: true, startMs: 1_000 }]);
    entry.take({ kind: 'text', atMs: 4_000, turn: 1, text: 'Hello.' });
    expect(entry.changes(0).turns).toMatchObject([{ id: 'caller-1', pending: false, text: 'Hello.' }]);
    entry.take({ kind: 'text', atMs: 4_000, turn: 1, text: 'Again.' });
    expect(entry.changes(0).turns).toEqual([]);
  });

  it('continues after what an earlier process published', () => {
    const before = { callSid: TOLD_SID, from: 'a', to: 'b', startedAtMs: 7, format: 'ogg', keys: 2 } as const;
    const entry = new LiveTranscript(() => undefined, before);
    entry.take({ kind: 'key', atMs: 10, callMs: 1_000, digit: '#' });
    const { call, turns } = entry.changes(20);
    expect(call).toMatchObject({ callSid: TOLD_SID, startedAtMs: 7, state: 'live', format: 'ogg' });
    expect(turns).toMatchObject([{ id: 'keys-3', text: '[pressed #]' }]);
  });

  it('keeps few turns in memory, even if many never get a text', () => {
    const entry = new LiveTranscript(() => undefined);
    const told = new Set<string>();
    for (let turn = 1; turn <= 1_000; turn += 1)
      entry.take({ kind: 'utterance', atMs: turn, turn, startMs: turn, endMs: turn + 1, asked: true });
    for (const { id } of entry.changes(2_000).turns) told.add(id);
    expect(told.size).toBe(1_000);
    entry.take({ kind: 'text', atMs: 2_000, turn: 1, text: 'too late for this' });
    entry.take({ kind: 'text', atMs: 2_000, turn: 1_000, text: 'in time' });
    expect(entry.changes(2_001).turns.map(({ id }) => id)).toEqual(['caller-1000']);
  });
});
