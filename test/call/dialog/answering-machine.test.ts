import { describe, expect, it } from 'vitest';
import { RehearsedCall } from '../rehearsed-call.ts';

const machine = (): RehearsedCall => new RehearsedCall(RehearsedCall.clock());

describe('AnsweringMachine', () => {
  it('plays greeting and tone and takes the message, without any service', async () => {
    const call = machine();
    await call.heardOut();
    await call.callerSays(3_000);
    await call.heardOut();
    expect(call.journal.of('piece').map(({ role, text }) => [role, text])).toEqual([
      ['greeting', '<machine-greeting>'],
      ['tone', ''],
      ['prompt', '<machine-more>'],
    ]);
    expect(call.transcript).toEqual([
      'Assistant: <machine-greeting>',
      'Caller: [not yet transcribed]',
      'Assistant: <machine-more>',
    ]);
  });

  it('offers to add something after a pause of 2 s, within 2 s more, once per pause', async () => {
    const call = machine();
    await call.heardOut();
    await call.callerSays(3_000);
    const paused = await call.until(() => call.phone.playing);
    expect(paused).toBeGreaterThanOrEqual(2_000);
    expect(paused).toBeLessThanOrEqual(4_000);
    await call.heardOut().catch(() => undefined);
    await call.run(5_000);
    expect(call.pieces.filter((text) => text === '<machine-more>').length).toBe(1);
    await call.callerSays(2_000);
    await call.run(4_000);
    expect(call.pieces.filter((text) => text === '<machine-more>').length).toBe(2);
  });

  it('says goodbye and hangs up after 20 s without speech', async () => {
    const call = machine();
    await call.heardOut();
    const silent = await call.until(() => call.phone.playing);
    expect(silent).toBeGreaterThanOrEqual(19_900);
    expect(silent).toBeLessThanOrEqual(20_600);
    await call.until(() => call.phone.hangUps.length > 0);
    expect(call.pieces.at(-1)).toBe('<machine-goodbye>');
    expect(call.phone.playing).toBe(false);
  });

  it('stops when the caller speaks over it, and records that as the message', async () => {
    const call = machine();
    await call.run(500);
    await call.callerSays(2_000);
    expect(call.phone.clears.length).toBe(1);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('<machine-more>');
    expect(call.reading.turns.length).toBe(1);
  });

  it('does not hang up while the caller speaks', async () => {
    const call = machine();
    await call.heardOut();
    for (let part = 0; part < 6; part += 1) {
      await call.callerSays(8_000);
      await call.run(1_000);
    }
    expect(call.phone.hangUps).toEqual([]);
    expect(call.pieces).not.toContain('<machine-more>');
  });

  it('continues the message after a reconnect', async () => {
    const call = machine();
    await call.heardOut();
    await call.callerSays(2_000);
    call.call.streamEnded('closed', call.clock.nowMs);
    await call.run(1_000);
    call.connect();
    await call.run(500);
    expect(call.phone.playing).toBe(false);
    await call.callerSays(2_000);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('<machine-more>');
    await call.until(() => call.phone.hangUps.length > 0);
    expect(call.pieces.at(-1)).toBe('<machine-goodbye>');
  });

  it('does not say goodbye at once to the caller of a crashed process', async () => {
    const zeroAtMs = 1_700_000_000_000 - 60_000;
    const history = {
      said: [],
      turns: 1,
      replies: 3,
      pieces: 3,
      keys: 0,
      startedAtMs: 0,
      zeroAtMs,
      endMs: 40_000,
      format: 'wav',
    } as const;
    const call = new RehearsedCall(RehearsedCall.clock(), { history });
    await call.run(10_000);
    expect(call.pieces).toEqual(['<machine-more>']);
    expect(call.phone.hangUps).toEqual([]);
  });
});
