import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/call/call.ts';
import { PhoneAtHand } from '../doubles/hand-driven-phone.ts';
import { RehearsedCall } from './rehearsed-call.ts';
import { NEVER, talk } from './scripted-talk.ts';

/** Whether no text of the call is outstanding. */
function hasAllTexts(call: Pick<Call, 'allTextsArrived'>): Promise<boolean> {
  const later = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([call.allTextsArrived().then(() => true), later]);
}

describe('Call', () => {
  it('hangs up 300 ms after the last mark returned, and repeats the request if nothing happens', async () => {
    const call = new RehearsedCall(RehearsedCall.clock());
    await call.run(200);
    call.call.hangUp('test', call.clock.nowMs);
    await call.until(() => call.phone.hangUps.length > 0);
    const after = call.phone.hangUps[0]! - call.phone.quietSinceMs;
    expect(after).toBeGreaterThanOrEqual(300);
    expect(after).toBeLessThanOrEqual(400);
    await call.run(12_000);
    expect(call.phone.hangUps.length).toBe(3);
  });

  it('hangs up although a simulator returns no marks', async () => {
    const call = new RehearsedCall(RehearsedCall.clock());
    call.phone.marksLost = true;
    await call.heardOut();
    await call.callerSays(2_000);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('<machine-more>');
    const took = await call.until(() => call.phone.hangUps.length > 0);
    expect(took).toBeLessThan(30_000);
    expect(call.call.dialog.state).toBe('ending');
  });

  it('ends the turn of a caller on a line that sends no frames in silence', async () => {
    const { call } = talk({ texts: ['Hello?'], replies: ['Yes.'] });
    call.phone.sendsSilence = false;
    await call.heardOut();
    await call.callerSays(1_000);
    const took = await call.until(() => call.pieces.includes('Yes.'));
    expect(took).toBeLessThan(2_500);
  });

  it('does not count late ticks after a stall of this process as silence of the caller', async () => {
    const { call } = talk({ texts: ['All of it.'], replies: ['Yes.'] });
    await call.heardOut();
    call.phone.callerSpeaks(3_000);
    await call.run(1_000);
    await call.clock.goTo(call.clock.nowMs + 1_500);
    call.call.tick(call.clock.nowMs);
    call.phone.deliver(call.call);
    await call.until(() => call.pieces.includes('Yes.'));
    expect(call.reading.turns.length).toBe(1);
    expect(call.reading.turns[0]!.endMs - call.reading.turns[0]!.startMs).toBeGreaterThan(2_800);
  });

  it('completes the current utterance at the hang-up', async () => {
    const { call, transcriber } = talk({ texts: ['I wanted to'] });
    await call.heardOut();
    call.phone.callerSpeaks(5_000);
    await call.run(1_000);
    call.call.ended('stop', call.clock.nowMs);
    expect(transcriber.asked.length).toBe(1);
    expect(await hasAllTexts(call.call)).toBe(false);
    await call.run(500);
    expect(await hasAllTexts(call.call)).toBe(true);
    expect(call.transcript.at(-1)).toBe('Caller: I wanted to');
    expect(call.pieces).toEqual(['Hello.']);
    expect(call.judges.every((judge) => judge.released)).toBe(true);
  });

  it('adds no late texts after they were given up', async () => {
    const { call } = talk({ texts: [NEVER] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(1_000);
    call.call.ended('stop', call.clock.nowMs);
    expect(await hasAllTexts(call.call)).toBe(false);
    call.call.giveUpTexts();
    expect(await hasAllTexts(call.call)).toBe(true);
    await call.clock.goTo(call.clock.nowMs + 2e9);
    expect(call.journal.of('text')).toEqual([]);
    expect(call.journal.of('no-text')).toEqual([]);
  });

  it('sends the pre-roll with the utterance, as a WAV of 16 bits and 8 kHz', async () => {
    const { call, transcriber } = talk({ texts: ['Yes.'] });
    await call.heardOut();
    await call.run(1_000);
    await call.callerSays(1_000);
    await call.run(1_500);
    const [utterance] = transcriber.asked;
    expect(utterance!.durationMs).toBe(300 + 1_000 + 200);
    expect(utterance!.wavBytes).toBe(44 + utterance!.durationMs * 16);
  });

  it('keeps no audio if recording is off, and hands over untranscribed utterances', async () => {
    const left: number[] = [];
    const { call } = talk(
      { texts: [{ afterMs: 100, give: new Error('down') }] },
      { recorded: false, untranscribed: (turn, { durationMs }) => left.push(turn, durationMs) },
    );
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(1_500);
    const bytes = call.journal.events.map((event) => ('mulaw' in event ? event.mulaw.length : 0));
    expect(Math.max(...bytes)).toBe(0);
    expect(call.journal.of('caller').length).toBeGreaterThan(100);
    expect(left).toEqual([1, 1_500]);
    expect(call.reading.lengthMs).toBeGreaterThan(2_000);
  });

  it('places a second stream after the first by its time of arrival', async () => {
    const call = new RehearsedCall(RehearsedCall.clock());
    await call.run(4_000);
    call.call.streamEnded('closed', call.clock.nowMs);
    await call.run(2_500);
    call.connect();
    await call.run(3_000);
    call.call.ended('stop', call.clock.nowMs);
    const { streams, lengthMs } = call.reading;
    expect(streams.map(({ startMs, lengthMs: ms }) => [startMs, ms])).toEqual([
      [0, 4_000],
      [6_500, 3_000],
    ]);
    expect(lengthMs).toBe(9_500);
  });

  it('replaces the old stream by a newer one and never mixes them, even with the same name', async () => {
    const call = new RehearsedCall(RehearsedCall.clock());
    await call.run(3_000);
    const old = call.phone;
    call.phone = new PhoneAtHand(call.clock.now);
    call.call.streamStarted('MZ1', call.phone, call.clock.nowMs);
    expect(call.call.line).toBe(call.phone);
    const before = old.heard.length;
    await call.run(25_000);
    expect(old.heard.length).toBe(before);
    expect(call.phone.heard.length).toBeGreaterThan(0);
    expect(call.journal.of('stream-end').map(({ reason }) => reason)).toEqual(['replaced']);
    expect(call.reading.streams.map(({ startMs }) => startMs)).toEqual([0, 3_000]);
  });

  it('records a change of format; the last one counts', async () => {
    const call = new RehearsedCall(RehearsedCall.clock());
    await call.run(100);
    call.call.setFormat('flac', call.clock.nowMs);
    call.call.setFormat('ogg', call.clock.nowMs);
    expect(call.call.format).toBe('ogg');
    expect(call.reading.format).toBe('ogg');
  });

  it('ignores media, marks and keys without a stream', async () => {
    const call = new RehearsedCall(RehearsedCall.clock());
    await call.run(100);
    call.call.streamEnded('stop', call.clock.nowMs);
    const before = call.journal.events.length;
    call.call.media(5_000, new Uint8Array(160), call.clock.nowMs);
    call.call.key('1', call.clock.nowMs);
    expect(call.call.mark('m1', call.clock.nowMs)).toBe(false);
    call.call.tick(call.clock.nowMs);
    call.call.streamEnded('closed', call.clock.nowMs);
    expect(call.journal.events.length).toBe(before);
  });
});
